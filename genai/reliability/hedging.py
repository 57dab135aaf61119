"""Hedged calls: repeats a call to a server that hangs, and takes the first answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

MOST_TRIES = 3


async def hedged_call(
    begin: Callable[[], Awaitable[T]], hangs: Callable[[], Awaitable[bool]], *, patience_s: float
) -> T:
    """The first answer of up to `MOST_TRIES` calls made by ``begin``, which must have no effects.

    After each ``patience_s`` without an answer, ``hangs`` is called. Only if it returns true, another
    call starts in parallel: a busy server does not get the same work twice.
    """
    tries = [asyncio.ensure_future(begin())]
    try:
        while True:
            more = patience_s if len(tries) < MOST_TRIES else None
            done, _ = await asyncio.wait(tries, timeout=more, return_when=asyncio.FIRST_COMPLETED)
            if done:
                return done.pop().result()
            if await hangs():
                tries.append(asyncio.ensure_future(begin()))
    finally:
        for each in tries:
            each.cancel()
        await asyncio.gather(*tries, return_exceptions=True)
