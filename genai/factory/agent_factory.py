"""Builds the configured agent."""

from collections.abc import Callable

from genai.agents.react import ReActAgent
from genai.base.agent import BaseAgent
from genai.base.llm import BaseLLM
from genai.factory.prompt_factory import build_prompt
from genai.factory.tool_factory import build_sources, build_tools
from genai.money import micro_usd
from genai.rag.base import Retriever
from genai.runs.approval_requester import ApprovalRequester
from genai.safety.base import Guard
from genai.settings.answering import AgentSettings


def build_agent(
    settings: AgentSettings,
    llm: BaseLLM,
    guard: Guard,
    retriever: Callable[[], Retriever],
    requester: ApprovalRequester | None,
) -> BaseAgent:
    """``guard`` checks tool results; ``retriever`` is built if a tool searches documents.

    Without a ``requester`` nobody can approve actions, so tools with side effects are not offered.
    """
    return ReActAgent(
        llm,
        build_tools(settings.tools, guard, retriever),
        build_prompt("react", settings.few_shot),
        max_steps=settings.max_steps,
        timeout=settings.timeout_s,
        max_tokens=settings.max_tokens,
        max_micro_usd=micro_usd(settings.max_usd),
        native_prompt=build_prompt("react_native"),
        requester=requester,
        sources=build_sources(settings.tools, guard),
    )
