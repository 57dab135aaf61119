"""A time limit that is fair to a process which was late itself."""

import asyncio
import math
from collections.abc import Callable

TICKS = 8

MOST_EXCUSED_S = 1.0
"""More than that, at most, for whom it was asked and excuses itself."""


class Within:
    """Ends its body by `TimeoutError` after ``seconds`` in which the loop really ran.

    The time is taken in ticks. A loop that is late makes its ticks longer: what is slow then is this
    process and not the one that it asked, whose reply may have come and wait to be read. So when the last
    tick is late, there is another. When all are over, ``excused`` says whether to wait for one more.
    """

    def __init__(self, seconds: float, excused: Callable[[], bool] | None = None) -> None:
        self._excused = excused
        self._tick = seconds / TICKS
        self._excuses = math.ceil(MOST_EXCUSED_S / self._tick)
        self._left = TICKS
        self._forgiven = False

    @property
    def counted_s(self) -> float:
        """The time that counted, in whole ticks."""
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
        """For its own lateness only once: what had come until then is read in the next tick."""
        if self._loop.time() - self._due > self._tick / 2 and not self._forgiven:
            self._forgiven = True
            return True
        return self._excused is not None and self._excused()
