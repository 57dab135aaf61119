"""Begins again where a call hangs, and takes the first answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

MOST_TRIES = 3


async def answered(
    begin: Callable[[], Awaitable[T]], hangs: Callable[[], Awaitable[bool]], *, patience_s: float
) -> T:
    """The answer of a call without effects. After each ``patience_s`` of silence it is asked whether
    somebody ``hangs``; only then the call is made once more, beside the first: a server that is just
    busy does not get the same work twice.
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
