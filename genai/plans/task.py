"""What a node of a plan is to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from genai.messages import Decision, RequestContext, Turn
from genai.plans.account import Account
from genai.plans.outcome import Outcome

_SLOT = re.compile(r"\{(question|item)\}")


@dataclass(frozen=True, slots=True)
class Task:
    """``text`` is the question, or the part of it that this branch is for; ``history`` what was said
    before. ``place`` is the way through the plan, the same in every attempt of a run.

    ``found`` is what the nodes before have found, by name; ``item`` is one of a map's. A ``live``
    task is the last to speak: what it says is told at once. What checks decided about data that went
    from one part to another is in ``decided``, for all tasks together.
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
        """One below this, which pays into an account of its own. It is not live unless that is said."""
        below = {"place": f"{self.place}/{step}", "account": self.account.part(), "live": False}
        return replace(self, **{**below, **changes})  # type: ignore[arg-type]

    def filled(self, template: str) -> str:
        """Nothing that is put in is read as a template."""
        values = {"question": self.text, "item": self.item}
        return _SLOT.sub(lambda slot: values[slot[1]], template)
