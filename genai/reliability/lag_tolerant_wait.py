"""Waits for another process without counting the time in which this process itself got no CPU.

A machine that is too busy to wake this process on time is too busy for the other one as well. Then
silence says little about whether that one is alive.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

TICK_S = 0.05


async def lag_tolerant_wait(answer: Awaitable[T], seconds: float, *, at_most_s: float) -> T:
    """The result of ``answer``. Raises `TimeoutError` after ``seconds``, not counting own lag.

    Raises it after ``at_most_s`` of wall-clock time in any case.
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
