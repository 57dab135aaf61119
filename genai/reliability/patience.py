"""Waits for another process, but not for the time in which the machine had no processor for this one.

A machine that is too busy to wake this process when it should is too busy to answer it in time, too:
then silence says little about whether anybody is there.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

TICK_S = 0.05


async def waited(answer: Awaitable[T], seconds: float, *, at_most_s: float) -> T:
    """The answer within ``seconds``, of which each moment counts as far as this process was not late.

    Raises `TimeoutError` then, and after ``at_most_s`` in any case.
    """
    asked = asyncio.ensure_future(answer)
    began = before = time.monotonic()
    counted = 0.0
    try:
        while counted < seconds and before - began < at_most_s:
            if (await asyncio.wait([asked], timeout=TICK_S))[0]:
                return asked.result()
            now = time.monotonic()
            counted += max(0.0, 2 * TICK_S - (now - before))
            before = now
        raise TimeoutError
    finally:
        asked.cancel()
