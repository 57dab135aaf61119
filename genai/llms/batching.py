"""Micro-batching: gathers calls that arrive close together into one batch."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Batcher(Generic[T]):
    """Runs one batch at a time. A batch has items of the same ``key`` only, in order of arrival.

    ``run`` must not raise. Items that arrive while it runs wait for a later batch.
    """

    def __init__(
        self,
        run: Callable[[list[T]], Awaitable[None]],
        *,
        max_size: int,
        wait_s: float,
        key: Callable[[T], Hashable],
    ) -> None:
        self._run = run
        self._max_size = max_size
        self._wait_s = wait_s
        self._key = key
        self._waiting: list[T] = []
        self._task: asyncio.Task[None] | None = None

    def submit(self, item: T) -> None:
        self._waiting.append(item)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run_all())

    async def close(self) -> None:
        """Cancel the running batch and drop the waiting items."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run_all(self) -> None:
        while self._waiting:
            if len(self._waiting) < self._max_size:
                await asyncio.sleep(self._wait_s)
            await self._run(self._next_batch())

    def _next_batch(self) -> list[T]:
        wanted = self._key(self._waiting[0])
        batch: list[T] = []
        rest: list[T] = []
        for item in self._waiting:
            fits = len(batch) < self._max_size and self._key(item) == wanted
            (batch if fits else rest).append(item)
        self._waiting = rest
        return batch
