import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.errors import BackendFailed
from genai.reliability.liveness import LivenessWatch


class CheckedProcess:
    """A process to check: the check takes ``takes_s`` and fails unless ``there``."""

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
    other = CheckedProcess(there=False)

    assert await LivenessWatch(other.check, 0.2).whole(answer(0.01)) == "an answer"

    assert other.checks == 0


async def test_a_live_process_may_take_any_time() -> None:
    other = CheckedProcess(there=True)

    assert await LivenessWatch(other.check, 0.02).whole(answer(0.2)) == "an answer"

    assert other.checks > 1


async def test_calls_to_a_dead_process_end() -> None:
    watch = LivenessWatch(CheckedProcess(there=False).check, 0.02)

    with pytest.raises(BackendFailed, match="nobody is there"):
        await watch.whole(answer(30))

    assert watch.given_up == 1


async def test_an_answer_to_another_call_during_the_check_counts_as_alive() -> None:
    watch = LivenessWatch(CheckedProcess(there=False, takes_s=0.2).check, 0.02)
    slow = asyncio.create_task(watch.whole(answer(0.4)))

    for _ in range(12):
        await watch.whole(answer(0.04))

    assert await slow == "an answer"
    assert watch.given_up == 0


async def test_parts_of_another_answer_count_as_alive() -> None:
    watch = LivenessWatch(CheckedProcess(there=False, takes_s=0.2).check, 0.02)
    slow = asyncio.create_task(watch.whole(answer(0.4)))

    async def words() -> AsyncIterator[str]:
        for word in "a stream of ten words that come one by one":
            await asyncio.sleep(0.01)
            yield word

    async for _ in watch.each(words()):
        pass

    assert await slow == "an answer"
