"""Keeps the most recently used LoRA adapters loaded in an engine with a limited number of places.

An adapter in use is never unloaded. A new one replaces the least recently used; while all are in use, it
waits.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from genai.errors import ModelUnavailable

Handle = TypeVar("Handle")

AGAIN_AFTER_S = 10.0
"""Time before a failed load is retried: loading blocks the engine."""


@dataclass(slots=True)
class Held(Generic[Handle]):
    handle: Handle
    users: int = 0


class AdapterPool(Generic[Handle]):
    """``load`` raises `ModelUnavailable` for what cannot be loaded. ``unload`` raises nothing."""

    def __init__(
        self,
        places: int,
        load: Callable[[str], Awaitable[Handle]],
        unload: Callable[[Handle], Awaitable[None]],
    ) -> None:
        self._places = places
        self._load = load
        self._unload = unload
        self._held: OrderedDict[str, Held[Handle]] = OrderedDict()
        self._refused: dict[str, tuple[float, ModelUnavailable]] = {}
        self._loading = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def asked(self, source: str) -> AsyncIterator[Handle]:
        """The adapter, loaded until the block ends."""
        held = self._take(source) or await self._place(source)
        try:
            yield held.handle
        finally:
            held.users -= 1
            self._freed.set()

    async def drop(self, source: str) -> None:
        """Unload the adapter, unless it is in use. Safe to call twice."""
        self._refused.pop(source, None)
        held = self._held.get(source)
        if held is not None and not held.users:
            del self._held[source]
            await self._unload(held.handle)
            self._freed.set()

    def refused(self, source: str) -> bool:
        """Whether the last attempt to load it failed."""
        return source in self._refused

    @property
    def loaded(self) -> tuple[str, ...]:
        """Least recently used first."""
        return tuple(self._held)

    def _take(self, source: str) -> Held[Handle] | None:
        held = self._held.get(source)
        if held is not None:
            held.users += 1
            self._held.move_to_end(source)
        return held

    async def _place(self, source: str) -> Held[Handle]:
        async with self._loading:
            held = self._take(source)
            if held is not None:
                return held
            self._stop_at_known(source)
            await self._room()
            try:
                handle = await self._load(source)
            except ModelUnavailable as error:
                until = asyncio.get_running_loop().time() + AGAIN_AFTER_S
                self._refused[source] = (until, error)
                raise
            self._refused.pop(source, None)
            held = self._held[source] = Held(handle, users=1)
            return held

    def _stop_at_known(self, source: str) -> None:
        until, error = self._refused.get(source, (0.0, None))
        if error is not None and asyncio.get_running_loop().time() < until:
            raise ModelUnavailable(error.message)

    async def _room(self) -> None:
        while len(self._held) >= self._places:
            self._freed.clear()
            idle = next((source for source, held in self._held.items() if not held.users), None)
            if idle is None:
                await self._freed.wait()
            else:
                await self._unload(self._held.pop(idle).handle)
