"""Which version of a model answers whom.

A model that can be replaced while it serves has two slots. One holds the champion. The other is idle,
or holds the challenger, which gets a share of the sessions, or in secret a copy of all requests.

    steady ──▶ loading ──▶ shadow ──▶ canary ──▶ steady, with the slots swapped or as they were

Sessions stay with their slot while a share is offered, and when it grows.
"""

import hashlib
from typing import Literal, Protocol

from pydantic import Field

from genai.messages import RequestContext, Value

Stage = Literal["steady", "loading", "shadow", "canary"]


class Routing(Value):
    """``versions`` is what each slot is to hold: a folder, empty for what its settings name.

    ``trial`` numbers the challengers, so that what was seen of one is not held against the next.
    """

    champion: str
    challenger: str
    versions: dict[str, str] = {}
    stage: Stage = "steady"
    share: float = Field(default=0.0, ge=0, le=1)
    trial: int = 0

    def slot_of(self, context: RequestContext) -> str:
        if self.stage != "canary":
            return self.champion
        return self.challenger if place_of(context, self.trial) < self.share else self.champion


class Shadowed(Value):
    """How a challenger met a request that the champion answered. ``code`` is that of its error."""

    seconds: float
    code: str = ""


class RoutingTable(Protocol):
    """Raises `BackendFailed`."""

    async def async_read(self, model: str) -> Routing | None: ...

    async def async_write(self, model: str, routing: Routing) -> None: ...

    async def async_loaded(self, slot: str) -> str:
        """What the slot says that it holds; empty when it does not say."""
        ...

    async def async_report(self, slot: str, version: str) -> None:
        """Called by a slot when it holds a version."""
        ...

    async def async_shadowed(self, model: str, trial: int, what: Shadowed) -> None: ...

    async def async_shadows(self, model: str, trial: int) -> tuple[Shadowed, ...]: ...


def place_of(context: RequestContext, trial: int) -> float:
    """Between 0 and 1, the same for all requests of a session."""
    who = context.affinity or f"{context.tenant}|{context.user}"
    digest = hashlib.sha256(f"{trial}|{context.tenant}|{who}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
