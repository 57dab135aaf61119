"""Stores the routing of models in Redis.

{service}|routing|<model>    as JSON
{service}|slot|<slot>        the version loaded in the slot; expires with its replica
{service}|shadows|<model>|<trial>    the challenger's results for shadow requests, as JSON
"""

import contextlib
import logging
import time
from collections.abc import Callable

from genai.errors import BackendFailed
from genai.memory.names import key_of
from genai.memory.store import Command, Store
from genai.promotion.routing import Routing, RoutingTable, Shadowed

logger = logging.getLogger(__name__)

SERVICE = "service"
REPORT_FOR_S = 60
SHADOWS_FOR_S = 7 * 86_400


class RedisRoutingTable:
    """``store`` builds the store on first use: it belongs to the event loop that uses it."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._make = store
        self._held: Store | None = None

    async def async_read(self, model: str) -> Routing | None:
        words = ("GET", key_of(SERVICE, "routing", model))
        found = await self._store.run(Command(words, lambda reply: reply, repeatable=True))
        return Routing.model_validate_json(found) if found else None

    async def async_write(self, model: str, routing: Routing) -> None:
        words = ("SET", key_of(SERVICE, "routing", model), routing.model_dump_json())
        await self._store.run(Command(words, bool, repeatable=True))

    async def async_loaded(self, slot: str) -> str:
        words = ("GET", key_of(SERVICE, "slot", slot))
        found = await self._store.run(Command(words, lambda reply: reply, repeatable=True))
        return found.decode() if found else ""

    async def async_report(self, slot: str, version: str) -> None:
        words = ("SET", key_of(SERVICE, "slot", slot), version, "EX", REPORT_FOR_S)
        await self._store.run(Command(words, bool, repeatable=True))

    async def async_shadowed(self, model: str, trial: int, what: Shadowed) -> None:
        key = key_of(SERVICE, "shadows", model, str(trial))
        await self._store.run(Command(("RPUSH", key, what.model_dump_json()), int))
        await self._store.run(Command(("EXPIRE", key, SHADOWS_FOR_S), bool, repeatable=True))

    async def async_shadows(self, model: str, trial: int) -> tuple[Shadowed, ...]:
        words = ("LRANGE", key_of(SERVICE, "shadows", model, str(trial)), 0, -1)
        found = await self._store.run(Command(words, list, repeatable=True))
        return tuple(map(Shadowed.model_validate_json, found))

    @property
    def _store(self) -> Store:
        if self._held is None:
            self._held = self._make()
        return self._held


class CachedRouting:
    """The routing of one model, at most ``for_s`` old. While the table cannot be read, the last known
    routing applies, or ``initial``: requests never fail for lack of it.
    """

    def __init__(
        self,
        table: RoutingTable,
        model: str,
        initial: Routing,
        *,
        for_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._model = model
        self._known = initial
        self._for_s = for_s
        self._clock = clock
        self._read_at = float("-inf")

    async def async_current(self) -> Routing:
        now = self._clock()
        if now >= self._read_at + self._for_s:
            self._read_at = now
            try:
                self._known = await self._table.async_read(self._model) or self._known
            except BackendFailed:
                logger.warning("the routing cannot be read", extra={"model": self._model})
        return self._known

    async def async_shadowed(self, what: Shadowed) -> None:
        with contextlib.suppress(BackendFailed):
            await self._table.async_shadowed(self._model, self._known.trial, what)
