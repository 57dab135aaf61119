import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.errors import BackendFailed
from genai.reliability.liveness import LivenessWatch


class Other:
    """A process that somebody checks: ``there`` is what the check finds, after ``takes_s``."""

    def __init__(self, *, there: bool, takes_s: float = 0.02) -> None:
        self.there = there
        self.takes_s = takes_s
        self.checks = 0

    async def check(self) -> None:
        self.checks += 1
        await asyncio.sleep(self.takes_s)
        if not self.there:
            raise BackendFailed("nobody is there")


async def answer(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "an answer"


async def test_a_quick_answer_is_not_checked() -> None:
    other = Other(there=False)

    assert await LivenessWatch(other.check, 0.2).whole(answer(0.01)) == "an answer"

    assert other.checks == 0


async def test_who_is_there_may_take_any_time() -> None:
    other = Other(there=True)

    assert await LivenessWatch(other.check, 0.02).whole(answer(0.2)) == "an answer"

    assert other.checks > 1


async def test_nobody_waits_for_what_is_not_there() -> None:
    watch = LivenessWatch(Other(there=False).check, 0.02)

    with pytest.raises(BackendFailed, match="nobody is there"):
        await watch.whole(answer(30))

    assert watch.given_up == 1


async def test_who_answers_another_call_during_the_check_is_only_busy() -> None:
    watch = LivenessWatch(Other(there=False, takes_s=0.2).check, 0.02)
    slow = asyncio.create_task(watch.whole(answer(0.4)))

    for _ in range(12):
        await watch.whole(answer(0.04))

    assert await slow == "an answer"
    assert watch.given_up == 0


async def test_each_part_of_another_answer_is_a_sign_of_life() -> None:
    watch = LivenessWatch(Other(there=False, takes_s=0.2).check, 0.02)
    slow = asyncio.create_task(watch.whole(answer(0.4)))

    async def words() -> AsyncIterator[str]:
        for word in "a stream of ten words that come one by one":
            await asyncio.sleep(0.01)
            yield word

    async for _ in watch.each(words()):
        pass

    assert await slow == "an answer"
