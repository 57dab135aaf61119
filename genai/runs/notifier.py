"""Wakes up followers of a run in the same process when it has new events."""

import asyncio
from contextlib import suppress


class RunNotifier:
    """One per process. Events written by other processes do not wake anybody, so waits must be short."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Event] = {}

    def notify(self, run_id: str) -> None:
        event = self._waiting.pop(run_id, None)
        if event is not None:
            event.set()

    async def async_wait(self, run_id: str, *, at_most_s: float) -> None:
        event = self._waiting.setdefault(run_id, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await event.wait()
