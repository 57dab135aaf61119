"""Builds the answerer that executes plans."""

from collections.abc import Callable, Mapping
from functools import cache

from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool
from genai.factory.observability_factory import build_tracer
from genai.factory.prompt_factory import build_prompt
from genai.factory.safety_factory import build_guard, discreet
from genai.factory.tool_factory import build_tools
from genai.plans.answerer import PlanAnswerer
from genai.plans.resources import PlanResources
from genai.plans.weights import WRITER
from genai.rag.base import Retriever
from genai.reliability.backoff import Backoff
from genai.routing.compound import Compound
from genai.runs.approval_requester import ApprovalRequester
from genai.safety.base import Guard
from genai.settings.application import Settings
from genai.settings.chains import parts_of
from genai.settings.plans import AnswererRoute, HandoffNode, ToolNode
from genai.settings.tools import MCPToolSettings, StatementToolSettings


def supervisors(settings: Settings) -> frozenset[str]:
    """The models that split questions."""
    nodes = (node for plan in settings.plans.values() for node in plan.nodes.values())
    return frozenset(node.llm for node in nodes if isinstance(node, HandoffNode) and node.llm)


def build_plans(
    settings: Settings,
    answerers: Mapping[AnswererRoute, BaseAnswerer],
    compound: Compound,
    models: Mapping[str, BaseLLM],
    *,
    requester: ApprovalRequester | None,
    retriever: Callable[[], Retriever],
) -> PlanAnswerer:
    """``models`` has the supervisors and the model of ``chat``, which merges. Opens no connection."""
    resources = PlanResources(
        answerers=answerers,
        compound=compound,
        guard=_guard(settings),
        tracer=build_tracer(),
        backoff=Backoff(settings.resilience.retry_base_s, settings.resilience.retry_max_s),
        writer=discreet(models[settings.chat.llm], settings.safety),
        merging=build_prompt("merge"),
        delegating=build_prompt("delegate"),
        models=models,
        tools=_tools(settings, retriever),
        requester=requester,
        paid=_paid(settings),
        changes=any(
            isinstance(tool, StatementToolSettings | MCPToolSettings)
            for tool in settings.agent.tools
        ),
    )
    return PlanAnswerer(settings.plans, resources)


def _guard(settings: Settings) -> Callable[[], Guard]:
    """Its classifier is loaded when the first part of a plan reads what another one found."""
    return cache(lambda: build_guard(settings.safety))


def _tools(settings: Settings, retriever: Callable[[], Retriever]) -> dict[str, BaseTool]:
    nodes = (node for plan in settings.plans.values() for node in plan.nodes.values())
    named = {node.tool for node in nodes if isinstance(node, ToolNode)}
    wanted = [tool for tool in settings.agent.tools if tool.name in named]
    if not wanted:
        return {}
    built = build_tools(wanted, build_guard(settings.safety), retriever)
    return {tool.name: tool for tool in built}


def _paid(settings: Settings) -> frozenset[str]:
    """Where an answer may cost something."""
    models = {
        "chat": settings.chat.llm,
        "rag": settings.rag.llm,
        "agent": settings.agent.llm,
        WRITER: settings.chat.llm,
    }
    return frozenset(
        who
        for who, name in models.items()
        if any(not settings.llms[link].price.free for link in parts_of(settings, name))
    )
