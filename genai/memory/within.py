"""A time limit that is fair to a process which was late itself."""

import asyncio
from collections.abc import Callable
from typing import Any

TICKS = 8

MOST_EXCUSED = 40
"""Ticks more than that, at most, for whom it was asked and excuses itself."""


class Within:
    """Ends its body by `TimeoutError` after ``seconds`` in which the loop really ran.

    The time is taken in ticks. A loop that is late makes its ticks longer: what is slow then is this
    process and not the one that it asked, whose reply may have come and wait to be read.

    ``late`` is called once, with the task, when the first tick is over. When all are, ``excused`` says
    whether to wait for one more.
    """

    def __init__(
        self,
        seconds: float,
        late: Callable[[asyncio.Task[Any]], None] | None = None,
        excused: Callable[[], bool] | None = None,
    ) -> None:
        self._late = late
        self._excused = excused
        self._excuses = MOST_EXCUSED
        self._tick = seconds / TICKS
        self._left = TICKS

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._timer = self._loop.call_later(self._tick, self._count)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._left == 0 and self._task is not None:
            self._task.uncancel()
            if kind is asyncio.CancelledError:
                raise TimeoutError

    def _count(self) -> None:
        self._left -= 1
        if self._left == TICKS - 1 and self._late is not None and self._task is not None:
            self._late(self._task)
        if self._left == 0 and self._excuses and self._excused is not None and self._excused():
            self._excuses -= 1
            self._left = 1
        if self._left:
            self._timer = self._loop.call_later(self._tick, self._count)
        elif self._task is not None:
            self._task.cancel()
