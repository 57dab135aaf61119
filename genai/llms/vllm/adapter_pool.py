"""An LRU pool of the adapters in an engine.

An adapter in use is not evicted. A new one replaces the least recently used idle adapter, and waits
while all are in use.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from genai.errors import ModelUnavailable

Handle = TypeVar("Handle")

RETRY_AFTER_S = 10.0
"""Pause before a failed adapter is loaded again, because loading holds up the engine."""


@dataclass(slots=True)
class LoadedAdapter(Generic[Handle]):
    handle: Handle
    users: int = 0


class AdapterPool(Generic[Handle]):
    """``load`` raises `ModelUnavailable` for an adapter that cannot be loaded. ``unload`` must not raise."""

    def __init__(
        self,
        capacity: int,
        load: Callable[[str], Awaitable[Handle]],
        unload: Callable[[Handle], Awaitable[None]],
    ) -> None:
        self._capacity = capacity
        self._load = load
        self._unload = unload
        self._loaded: OrderedDict[str, LoadedAdapter[Handle]] = OrderedDict()
        self._failures: dict[str, tuple[float, ModelUnavailable]] = {}
        self._loading = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def lease(self, source: str) -> AsyncIterator[Handle]:
        """Load the adapter if needed, and keep it until the block ends."""
        adapter = self._acquire(source) or await self._load_adapter(source)
        try:
            yield adapter.handle
        finally:
            adapter.users -= 1
            self._freed.set()

    async def drop(self, source: str) -> None:
        """Unload it, unless it is in use. Safe to call twice."""
        self._failures.pop(source, None)
        adapter = self._loaded.get(source)
        if adapter is not None and not adapter.users:
            del self._loaded[source]
            await self._unload(adapter.handle)
            self._freed.set()

    def load_failed(self, source: str) -> bool:
        """Whether the last attempt to load it failed."""
        return source in self._failures

    @property
    def loaded(self) -> tuple[str, ...]:
        """Least recently used first."""
        return tuple(self._loaded)

    def _acquire(self, source: str) -> LoadedAdapter[Handle] | None:
        adapter = self._loaded.get(source)
        if adapter is not None:
            adapter.users += 1
            self._loaded.move_to_end(source)
        return adapter

    async def _load_adapter(self, source: str) -> LoadedAdapter[Handle]:
        async with self._loading:
            adapter = self._acquire(source)
            if adapter is not None:
                return adapter
            self._raise_recent_failure(source)
            await self._make_room()
            try:
                handle = await self._load(source)
            except ModelUnavailable as error:
                until = asyncio.get_running_loop().time() + RETRY_AFTER_S
                self._failures[source] = (until, error)
                raise
            self._failures.pop(source, None)
            adapter = self._loaded[source] = LoadedAdapter(handle, users=1)
            return adapter

    def _raise_recent_failure(self, source: str) -> None:
        until, error = self._failures.get(source, (0.0, None))
        if error is not None and asyncio.get_running_loop().time() < until:
            raise ModelUnavailable(error.message)

    async def _make_room(self) -> None:
        while len(self._loaded) >= self._capacity:
            self._freed.clear()
            idle = next(
                (source for source, adapter in self._loaded.items() if not adapter.users), None
            )
            if idle is None:
                await self._freed.wait()
            else:
                await self._unload(self._loaded.pop(idle).handle)
