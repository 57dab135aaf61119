"""Routes the sessions of a model among its versions.

A model that can be replaced while it serves has two slots. One holds the champion. The other is idle, or
holds the challenger, which gets shadow copies of all requests, or a share of the sessions.

    steady ──▶ loading ──▶ shadow ──▶ canary ──▶ steady, with the slots swapped or as they were

Sessions stay in their slot, also when the share grows.
"""

import hashlib
from typing import Literal, Protocol

from pydantic import Field

from genai.messages import RequestContext, Value

Stage = Literal["steady", "loading", "shadow", "canary"]


class Routing(Value):
    """``versions`` are the folders to load in each slot; empty for the model of the settings.

    ``trial`` numbers the challengers, so that results of one are not held against the next.
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
    """The challenger's result for a shadow request. ``code`` is the code of its error."""

    seconds: float
    code: str = ""


class RoutingTable(Protocol):
    """Raises `BackendFailed`."""

    async def async_read(self, model: str) -> Routing | None: ...

    async def async_write(self, model: str, routing: Routing) -> None: ...

    async def async_loaded(self, slot: str) -> str:
        """The version that the slot reports; empty if it does not report."""
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
