"""How long one request waits for Redis in all, however many commands it needs.

A reply that comes promptly costs nothing: a Redis that is far away, but answers, serves. What is late is
counted, so that a request waits no longer than for `SHARE` of the time of one command, and is refused then.
Of a request that goes on for long, it is soon forgotten: what took a while to answer is not lost for it.

The count belongs to the task of the request, and to those that it begins, in this process alone.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context, ContextVar, copy_context

from genai.memory.within import TICKS, Within

SHARE = 1.25
PROMPT_TICKS = 5
"""Of those of a whole command; one of them may be spent on the commands before it."""
FORGOTTEN_AFTER_S = 1.0
"""Without a late reply."""


class _Waits:
    """What one request waited for late replies, up to which moment; those who wait together, once."""

    def __init__(self) -> None:
        self._counted_s = 0.0
        self._until = float("-inf")
        self.over = False

    def left_s(self, timeout_s: float, now: float) -> float:
        """A last tick is always left: Redis may answer again."""
        if now - self._until > FORGOTTEN_AFTER_S:
            self._counted_s = 0.0
        tick = timeout_s / TICKS
        return max(tick, SHARE * timeout_s - tick - self._counted_s)

    def count(self, seconds: float, now: float) -> None:
        self._counted_s += min(seconds, max(0.0, now - self._until))
        self._until = now


_OF_THIS_REQUEST: ContextVar[_Waits | None] = ContextVar("redis_waits", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Commands within belong to one request. What it leaves running behind belongs to none."""
    waits = _Waits()
    token = _OF_THIS_REQUEST.set(waits)
    try:
        yield
    finally:
        waits.over = True
        _OF_THIS_REQUEST.reset(token)


def of_no_request() -> Context:
    """For a task that goes on by itself, though a request began it."""
    context = copy_context()
    context.run(_OF_THIS_REQUEST.set, None)
    return context


@asynccontextmanager
async def patiently(
    patience_s: float, timeout_s: float, excused: Callable[[], bool]
) -> AsyncIterator[None]:
    """Ends its body by `TimeoutError`, like `Within`, after ``patience_s`` or what the request has left."""
    waits = _OF_THIS_REQUEST.get()
    if waits is None or waits.over:
        async with Within(patience_s, excused):
            yield
        return
    loop = asyncio.get_running_loop()
    within = Within(min(patience_s, waits.left_s(timeout_s, loop.time())), excused)
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
