import asyncio
import time

import pytest

from genai.reliability.lag_tolerant_wait import lag_tolerant_wait


async def silent() -> bool:
    await asyncio.sleep(60)
    return True


async def busy(seconds: float) -> None:
    """Blocks the event loop."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.2)  # noqa: ASYNC251 - that is the point
        await asyncio.sleep(0)


async def test_an_answer_is_passed_on() -> None:
    assert await lag_tolerant_wait(asyncio.sleep(0.01, "here"), 1.0, at_most_s=2.0) == "here"


async def test_an_error_of_the_other_side_is_its_own() -> None:
    async def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await lag_tolerant_wait(fails(), 1.0, at_most_s=2.0)


async def test_a_timeout_cancels_the_call() -> None:
    asked = asyncio.ensure_future(silent())
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await lag_tolerant_wait(asked, 0.2, at_most_s=10.0)

    await asyncio.sleep(0)
    assert time.monotonic() - began < 5.0
    assert asked.cancelled()


async def test_time_without_cpu_does_not_count() -> None:
    keeping_busy = asyncio.create_task(busy(1.0))
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await lag_tolerant_wait(silent(), 0.2, at_most_s=10.0)

    assert time.monotonic() - began > 1.0
    await keeping_busy


async def test_the_wait_is_bounded_on_a_busy_machine() -> None:
    keeping_busy = asyncio.create_task(busy(20.0))
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await lag_tolerant_wait(silent(), 0.4, at_most_s=0.5)

    assert time.monotonic() - began < 10.0
    keeping_busy.cancel()


async def test_cancelling_the_wait_cancels_the_call() -> None:
    asked = asyncio.ensure_future(silent())
    waiting = asyncio.create_task(lag_tolerant_wait(asked, 5.0, at_most_s=5.0))
    await asyncio.sleep(0.01)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0)

    assert asked.cancelled()
