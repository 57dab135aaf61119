"""The input of a plan's node."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from genai.messages import Decision, RequestContext, Turn
from genai.plans.account import Account
from genai.plans.outcome import Outcome

_SLOT = re.compile(r"\{(question|item)\}")


@dataclass(frozen=True, slots=True)
class Task:
    """``text`` is the question, or the part of it for this branch; ``history`` has the earlier turns.

    ``place`` is the path through the plan, the same in every attempt of a run. ``found`` has the
    outcomes of earlier nodes by name; ``item`` is the current item of a map. The text of a ``live`` task
    is the answer, so it is streamed at once. ``decided`` collects, for all tasks together, the decisions
    of checks on data that went from one node to another.
    """

    text: str
    context: RequestContext
    account: Account
    place: str
    history: tuple[Turn, ...] = ()
    found: Mapping[str, Outcome] = field(default_factory=dict)
    item: str = ""
    live: bool = False
    decided: list[Decision] = field(default_factory=list)

    def part(self, step: str, **changes: object) -> "Task":
        """A sub-task with its own account. It is not live unless ``changes`` say so."""
        below = {"place": f"{self.place}/{step}", "account": self.account.part(), "live": False}
        return replace(self, **{**below, **changes})  # type: ignore[arg-type]

    def filled(self, template: str) -> str:
        """``template`` with question and item inserted. Inserted text is not expanded again."""
        values = {"question": self.text, "item": self.item}
        return _SLOT.sub(lambda slot: values[slot[1]], template)
