"""Who carries out the plans of one process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from genai.approvals.desk import Desk
from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.base.prompt import BasePrompt
from genai.base.tool import BaseTool
from genai.observability.tracing import Tracer
from genai.plans.settings import AnswererRoute
from genai.plans.task import Task
from genai.reliability.backoff import Backoff
from genai.routing.compound import Compound
from genai.safety.base import Guard
from genai.tools.guarded import WITHHELD


@dataclass(frozen=True)
class Crew:
    """``desk`` is where those ask who would change something; without one, nothing can be changed.

    ``models`` has the supervisors' by name, ``writer`` merges. ``paid`` are the routes whose answers
    may cost something, and ``writer`` for the merging model. ``changes`` says whether the agent has
    tools with side effects. ``guard`` is made when data goes from one part into another.
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
    desk: Desk | None = None
    paid: frozenset[str] = frozenset()
    changes: bool = False

    async def async_screened(self, text: str, task: Task) -> str:
        """What one part found, as another part's model may read it."""
        verdict = await self.guard().async_inspect(text, "tool", task.context)
        task.decided.extend(verdict.decisions)
        return WITHHELD if verdict.action == "block" else verdict.text
