"""A routing table without Redis."""

from genai.promotion.routing import Routing, Shadowed


class InProcessRoutingTable:
    def __init__(self) -> None:
        self._routings: dict[str, Routing] = {}
        self._loaded: dict[str, str] = {}
        self._shadows: dict[tuple[str, int], list[Shadowed]] = {}

    async def async_read(self, model: str) -> Routing | None:
        return self._routings.get(model)

    async def async_write(self, model: str, routing: Routing) -> None:
        self._routings[model] = routing

    async def async_loaded(self, slot: str) -> str:
        return self._loaded.get(slot, "")

    async def async_report(self, slot: str, version: str) -> None:
        self._loaded[slot] = version

    async def async_shadowed(self, model: str, trial: int, what: Shadowed) -> None:
        self._shadows.setdefault((model, trial), []).append(what)

    async def async_shadows(self, model: str, trial: int) -> tuple[Shadowed, ...]:
        return tuple(self._shadows.get((model, trial), ()))
