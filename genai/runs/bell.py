"""Tells those who follow a run in the same process that there is news."""

import asyncio
from contextlib import suppress


class Bell:
    """One a process. News of other processes make it ring late, so nobody may wait for it for long."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Event] = {}

    def ring(self, run_id: str) -> None:
        event = self._waiting.pop(run_id, None)
        if event is not None:
            event.set()

    async def async_wait(self, run_id: str, *, at_most_s: float) -> None:
        event = self._waiting.setdefault(run_id, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await event.wait()
