"""Batches calls that arrive close together."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Batcher(Generic[T]):
    """Runs one batch at a time, of compatible items, in order of arrival.

    ``run`` must not raise. Items that arrive meanwhile wait for the next batch.
    """

    def __init__(
        self,
        run: Callable[[list[T]], Awaitable[None]],
        *,
        at_most: int,
        wait_s: float,
        likeness: Callable[[T], Hashable],
    ) -> None:
        self._run = run
        self._at_most = at_most
        self._wait_s = wait_s
        self._likeness = likeness
        self._waiting: list[T] = []
        self._work: asyncio.Task[None] | None = None

    def submit(self, item: T) -> None:
        self._waiting.append(item)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run_all())

    async def close(self) -> None:
        """Drop waiting items."""
        self._waiting.clear()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def _run_all(self) -> None:
        while self._waiting:
            if len(self._waiting) < self._at_most:
                await asyncio.sleep(self._wait_s)
            await self._run(self._take())

    def _take(self) -> list[T]:
        wanted = self._likeness(self._waiting[0])
        batch: list[T] = []
        rest: list[T] = []
        for item in self._waiting:
            fits = len(batch) < self._at_most and self._likeness(item) == wanted
            (batch if fits else rest).append(item)
        self._waiting = rest
        return batch
