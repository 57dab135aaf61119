"""A timeout that does not count the lag of this process's own event loop."""

import asyncio
import math
from collections.abc import Callable

TICKS = 8

MOST_EXCUSED_S = 1.0
"""Longest total extension while ``excused`` returns true."""


class LagTolerantTimeout:
    """Raises `TimeoutError` in its block after ``seconds`` in which the event loop ran on time.

    The time is counted in ticks. When the loop lags, a tick takes longer: then this process is slow, not
    the server, whose reply may already wait to be read. So a late last tick is followed by one more.
    After that ``excused`` decides, tick by tick, whether to wait longer.
    """

    def __init__(self, seconds: float, excused: Callable[[], bool] | None = None) -> None:
        self._excused = excused
        self._tick = seconds / TICKS
        self._excuses = math.ceil(MOST_EXCUSED_S / self._tick)
        self._left = TICKS
        self._forgiven = False

    @property
    def counted_s(self) -> float:
        """Seconds counted so far, in whole ticks."""
        return (TICKS - self._left) * self._tick

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._wait()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._left == 0 and self._task is not None:
            self._task.uncancel()
            if kind is asyncio.CancelledError:
                raise TimeoutError

    def _wait(self) -> None:
        self._due = self._loop.time() + self._tick
        self._timer = self._loop.call_at(self._due, self._count)

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0 and self._excuses and self._is_excused():
            self._excuses -= 1
            self._left = 1
        if self._left:
            self._wait()
        elif self._task is not None:
            self._task.cancel()

    def _is_excused(self) -> bool:
        """Its own lag is excused only once: a reply that had arrived is read in the next tick."""
        if self._loop.time() - self._due > self._tick / 2 and not self._forgiven:
            self._forgiven = True
            return True
        return self._excused is not None and self._excused()
