"""Wakes up followers of a run in the same process when it has new events."""

import asyncio
from contextlib import suppress


class RunNotifier:
    """One per process. Events written by other processes do not wake anybody, so waits must be short."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def notify(self, run_id: str) -> None:
        for event in self._waiting.pop(run_id, ()):
            event.set()

    async def async_wait(self, run_id: str, *, at_most_s: float) -> None:
        """Leaves nothing behind: most runs that are followed here are worked on elsewhere."""
        event = asyncio.Event()
        waiting = self._waiting.setdefault(run_id, set())
        waiting.add(event)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most_s):
                    await event.wait()
        finally:
            waiting.discard(event)
            if not waiting and self._waiting.get(run_id) is waiting:
                del self._waiting[run_id]
