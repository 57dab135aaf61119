"""The total time that a request may wait for Redis, over all of its commands.

Prompt replies do not count, so a distant Redis works. Late ones add up: once a request has waited for
`SHARE` times the timeout of one command, it fails. The sum is forgotten after a second without a late
reply, so that long-running requests survive.

The sum is kept in a context variable: it covers the task of the request and the tasks that it starts,
in this process.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context, ContextVar, copy_context

from genai.memory.lag_tolerant_timeout import TICKS, LagTolerantTimeout

SHARE = 1.25
PROMPT_TICKS = 5
"""Ticks within which a reply counts as prompt."""
FORGOTTEN_AFTER_S = 1.0
"""Seconds without a late reply."""


class _WaitBudget:
    """The sum of a request's waits for late replies. Concurrent waits count once."""

    def __init__(self) -> None:
        self._counted_s = 0.0
        self._until = float("-inf")
        self.over = False

    def left_s(self, timeout_s: float, now: float) -> float:
        """At least one tick: Redis may be back."""
        if now - self._until > FORGOTTEN_AFTER_S:
            self._counted_s = 0.0
        tick = timeout_s / TICKS
        return max(tick, SHARE * timeout_s - tick - self._counted_s)

    def count(self, seconds: float, now: float) -> None:
        self._counted_s += min(seconds, max(0.0, now - self._until))
        self._until = now


_OF_THIS_REQUEST: ContextVar[_WaitBudget | None] = ContextVar("redis_waits", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Commands in the block share one wait budget. Tasks that outlive it have none."""
    waits = _WaitBudget()
    token = _OF_THIS_REQUEST.set(waits)
    try:
        yield
    finally:
        waits.over = True
        _OF_THIS_REQUEST.reset(token)


def outside_of_requests() -> Context:
    """The context for a task that a request starts, but that does not use its wait budget."""
    context = copy_context()
    context.run(_OF_THIS_REQUEST.set, None)
    return context


@asynccontextmanager
async def budgeted_timeout(
    patience_s: float, timeout_s: float, excused: Callable[[], bool]
) -> AsyncIterator[None]:
    """A `LagTolerantTimeout` of ``patience_s``, or of the rest of the request's wait budget if that is
    less.
    """
    waits = _OF_THIS_REQUEST.get()
    if waits is None or waits.over:
        async with LagTolerantTimeout(patience_s, excused):
            yield
        return
    loop = asyncio.get_running_loop()
    within = LagTolerantTimeout(min(patience_s, waits.left_s(timeout_s, loop.time())), excused)
    prompt_s = PROMPT_TICKS * timeout_s / TICKS
    try:
        async with within:
            yield
    except TimeoutError:
        prompt_s = 0.0
        raise
    finally:
        if within.counted_s >= prompt_s:
            waits.count(within.counted_s, loop.time())
