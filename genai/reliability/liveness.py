"""Ends calls to a process that is no longer alive."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from genai.errors import BackendFailed
from genai.streams import closing

T = TypeVar("T")

NOT_ALIVE = "the other process is not alive"
"""The message of the cancellation of a call whose process is not alive."""

Check = Callable[[], Awaitable[None]]
"""Raises `BackendFailed` when the other process is not alive."""


class LivenessWatch:
    """Runs ``check`` whenever nothing arrives for ``patience_s``. If it raises, the call ends with its error.

    For processes with a fallback: without it, a call would wait for the next replica, or for a hanging
    process to end. A process that answers any other call during the check is alive, only busy.
    """

    def __init__(self, check: Check, patience_s: float) -> None:
        self.check = check
        self.patience_s = patience_s
        self.heard = 0
        """Number of answers and parts of answers received."""
        self.given_up = 0
        """Number of calls ended because the check failed."""

    async def whole(self, answer: Awaitable[T]) -> T:
        with self._watched() as wait, wait.waiting():
            found = await answer
        self.heard += 1
        return found

    async def each(self, stream: AsyncIterator[T]) -> AsyncIterator[T]:
        """The items of a stream. The consumer's own time is not counted."""
        with self._watched() as wait:
            async with closing(stream) as items:
                while True:
                    try:
                        with wait.waiting():
                            item = await anext(items)
                    except StopAsyncIteration:
                        return
                    self.heard += 1
                    yield item

    @contextmanager
    def _watched(self) -> Iterator["_Wait"]:
        wait = _Wait(self)
        try:
            yield wait
        finally:
            wait.end()


class _Wait:
    def __init__(self, watch: LivenessWatch) -> None:
        self._watch = watch
        self._waits = 0
        self._waiter: asyncio.Task[object] | None = None
        self._found: BackendFailed | None = None
        self._watching = asyncio.ensure_future(self._look())

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self._waits += 1
        self._waiter = asyncio.current_task()
        try:
            yield
        except asyncio.CancelledError:
            if self._found is None or self._waiter is None:
                raise
            self._waiter.uncancel()
            raise self._found from None
        finally:
            self._waiter = None

    def end(self) -> None:
        self._watching.cancel()

    async def _look(self) -> None:
        watch = self._watch
        while True:
            waits = self._waits
            await asyncio.sleep(watch.patience_s)
            if self._waiter is None or self._waits != waits:
                continue
            heard = watch.heard
            try:
                await watch.check()
            except BackendFailed as error:
                silent = watch.heard == heard
                if silent and self._waiter is not None and self._waits == waits:
                    watch.given_up += 1
                    self._found = error
                    self._waiter.cancel(NOT_ALIVE)
                    return
