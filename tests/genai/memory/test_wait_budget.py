import asyncio

import pytest

from genai.memory.lag_tolerant_timeout import TICKS
from genai.memory.wait_budget import (
    FORGOTTEN_AFTER_S,
    PROMPT_TICKS,
    SHARE,
    budgeted_timeout,
    one_request,
    outside_of_requests,
)
from tests.support.virtual_time import VirtualTimeLoop

TIMEOUT_S = 0.08


async def wait_for(reply_s: float) -> None:
    async with budgeted_timeout(TIMEOUT_S, TIMEOUT_S, lambda: False):
        await asyncio.sleep(reply_s)


async def seconds_until_refused(reply_s: float) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimeoutError):
        for _ in range(50):
            await wait_for(reply_s)
    return loop.time() - began


async def seconds_of_one_request(reply_s: float) -> float:
    with one_request():
        return await seconds_until_refused(reply_s)


@pytest.mark.parametrize("reply_s", [0.055, 0.06, 0.075, 10.0])
def test_late_replies_share_the_wait_budget_of_a_request(reply_s: float) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        took = runner.run(seconds_of_one_request(reply_s))

    assert TIMEOUT_S <= took <= (SHARE + 1 / TICKS) * TIMEOUT_S


async def test_prompt_replies_do_not_count() -> None:
    prompt_s = (PROMPT_TICKS - 2) * TIMEOUT_S / TICKS

    with one_request():
        for _ in range(10):
            await wait_for(prompt_s)


async def test_concurrent_waits_count_once() -> None:
    late_s = (PROMPT_TICKS + 1) * TIMEOUT_S / TICKS
    with one_request():
        await asyncio.gather(*(wait_for(late_s) for _ in range(8)))
        await wait_for(TIMEOUT_S / TICKS)


async def test_an_exhausted_budget_still_allows_one_tick() -> None:
    with one_request():
        await seconds_until_refused(10.0)
        await wait_for(0.0)


async def test_old_waits_of_a_long_request_are_forgotten() -> None:
    with one_request():
        await seconds_until_refused(10.0)
        await asyncio.sleep(FORGOTTEN_AFTER_S + 0.01)
        await wait_for(TIMEOUT_S * 0.6)


async def test_each_request_has_its_own_wait_budget() -> None:
    for _ in range(4):
        with one_request():
            await wait_for(TIMEOUT_S * 0.9)


async def test_tasks_outside_of_the_request_have_their_own_timeout() -> None:
    async def go_on() -> None:
        for _ in range(4):
            await wait_for(TIMEOUT_S * 0.8)

    with one_request():
        by_itself = asyncio.create_task(go_on(), context=outside_of_requests())
        left_behind = asyncio.create_task(asyncio.sleep(TIMEOUT_S))
    await left_behind
    left_behind = asyncio.create_task(go_on())
    await asyncio.gather(by_itself, left_behind)
