"""Background processing of events, without delaying requests."""

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

WAITING_EVENTS = 10_000
BATCH = 1_000


class Background(ABC, Generic[T]):
    """Passes events to `async_handle` in batches, sequentially, in a task of its own.

    ``dropped`` counts events that did not fit into the queue.
    """

    pause_s: float = 0.0
    """Seconds between two batches, in which events collect."""

    def __init__(self) -> None:
        self.dropped = 0
        self._queue: asyncio.Queue[T] = asyncio.Queue(WAITING_EVENTS)
        self._worker: asyncio.Task[None] | None = None

    @abstractmethod
    async def async_handle(self, events: list[T]) -> None:
        """Process a batch. Exceptions are logged; the next batch is processed anyway."""

    def offer(self, event: T) -> None:
        """Queue an event. Returns at once. The first call starts the worker in the running loop."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.dropped += 1
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def async_drain(self) -> None:
        """Wait until all events offered so far are handled."""
        await self._queue.join()

    async def async_close(self) -> None:
        """`async_drain`, then stop. Safe to call twice."""
        if self._worker is not None:
            await self.async_drain()
            self._worker.cancel()
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while True:
            events = [await self._queue.get()]
            while len(events) < BATCH and not self._queue.empty():
                events.append(self._queue.get_nowait())
            try:
                await self.async_handle(events)
            except Exception:
                logger.exception("a monitor failed", extra={"monitor": type(self).__name__})
            finally:
                for _ in events:
                    self._queue.task_done()
            await asyncio.sleep(self.pause_s)
