"""A time limit that is fair to a process which was late itself."""

import asyncio

LATE_S = 0.05


class Until:
    """Ends its body by `TimeoutError` at a time of the loop.

    Unlike `asyncio.timeout`, it looks again when this process was late itself: the reply may have
    come and wait to be read.
    """

    def __init__(self, when: float) -> None:
        self._when = when
        self._expired = False

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._timer = self._loop.call_at(self._when, self._look)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._expired and self._task is not None:
            self._task.uncancel()
            if kind is asyncio.CancelledError:
                raise TimeoutError

    def _look(self, again: bool = True) -> None:
        if again and self._loop.time() > self._when + LATE_S:
            self._timer = self._loop.call_later(LATE_S, self._look, False)
        elif self._task is not None:
            self._expired = True
            self._task.cancel()
