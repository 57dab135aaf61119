"""The components that plans run on: answerers, models, prompts and tools of one process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.base.prompt import BasePrompt
from genai.base.tool import BaseTool
from genai.observability.tracing import Tracer
from genai.plans.task import Task
from genai.reliability.backoff import Backoff
from genai.routing.compound import Compound
from genai.runs.approval_requester import ApprovalRequester
from genai.safety.base import Guard
from genai.settings.plans import AnswererRoute
from genai.tools.guarded import WITHHELD


@dataclass(frozen=True)
class PlanResources:
    """``requester`` asks for approvals; without one, tools with side effects cannot be used.

    ``models`` are the supervisors' models by name; ``writer`` is the model that merges answers.
    ``paid`` names the routes that may cost money, and ``writer`` if the merging model may. ``changes``
    says whether the agent has tools with side effects. ``guard`` builds the checks for data that goes
    from one node to another.
    """

    answerers: Mapping[AnswererRoute, BaseAnswerer]
    compound: Compound
    guard: Callable[[], Guard]
    tracer: Tracer
    backoff: Backoff
    writer: BaseLLM
    merging: BasePrompt
    delegating: BasePrompt
    models: Mapping[str, BaseLLM] = field(default_factory=dict)
    tools: Mapping[str, BaseTool] = field(default_factory=dict)
    requester: ApprovalRequester | None = None
    paid: frozenset[str] = frozenset()
    changes: bool = False

    async def async_screened(self, text: str, task: Task) -> str:
        """``text``, found by one node, as the model of another node may read it."""
        verdict = await self.guard().async_inspect(text, "tool", task.context)
        task.decided.extend(verdict.decisions)
        return WITHHELD if verdict.action == "block" else verdict.text
