"""Deadlines of requests, and graceful shutdown.

open ──async_close──▶ closing ──within_s──▶ cut

Closing: new requests are refused. Cut: running requests end with an error that their clients receive.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from genai.errors import CutOff, DeadlineExceeded
from genai.llms.spent import note_spent, spent_by
from genai.messages import Usage

TOLD_WITHIN_S = 5.0
"""Time for clients to receive the errors of requests that were cut."""


class ShuttingDown(CutOff):
    code = "shutting_down"


class Shutdown:
    """Tracks the running requests of one event loop."""

    def __init__(self) -> None:
        self.begun = False
        self._cut = False
        self._requests = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._limits: set[asyncio.Timeout] = set()
        self._started: set[asyncio.Task[None]] = set()

    def check(self) -> None:
        """Raise `ShuttingDown` once closing has begun."""
        if self.begun:
            raise shutting_down()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Wraps a whole request, until its last byte is sent."""
        self._begin()
        try:
            yield
        finally:
            self._end()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a part of a request that may outlive its client. It counts as a request of its own."""
        self._begin()
        task = asyncio.create_task(work)
        self._started.add(task)
        task.add_done_callback(self._end)
        task.add_done_callback(self._started.discard)
        return task

    def _begin(self) -> None:
        self._requests += 1
        self._idle.clear()

    def _end(self, _: object = None) -> None:
        self._requests -= 1
        if not self._requests:
            self._idle.set()

    @asynccontextmanager
    async def until(self, deadline: float) -> AsyncIterator[None]:
        """Raises `DeadlineExceeded` in the block at ``deadline`` (Unix time), `ShuttingDown` if cut
        earlier.
        """
        within_s = 0.0 if self._cut else max(0.0, deadline - time.time())
        try:
            async with asyncio.timeout(within_s) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError as error:
            if not limit.expired():
                raise
            late = DeadlineExceeded("the request did not finish in time")
            ended = shutting_down() if self._cut else late
            if error.__cause__ is not None:
                note_spent(ended, spent_by(error.__cause__) or Usage())
            raise ended from None

    async def async_close(self, within_s: float) -> None:
        """Refuses new requests, waits ``within_s`` for running ones, then aborts them. Idempotent.

        Returns when all clients have got a response.
        """
        self.begun = True
        await self._all_ended(within_s)
        self._cut = True
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time())
        await self._all_ended(TOLD_WITHIN_S)

    async def _all_ended(self, within_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._idle.wait()


def shutting_down() -> ShuttingDown:
    return ShuttingDown("the service is stopping; try again")
