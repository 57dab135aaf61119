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
def test_a_request_waits_for_late_replies_so_long_in_all(reply_s: float) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        took = runner.run(seconds_of_one_request(reply_s))

    assert TIMEOUT_S <= took <= (SHARE + 1 / TICKS) * TIMEOUT_S


async def test_what_comes_promptly_costs_nothing() -> None:
    prompt_s = (PROMPT_TICKS - 2) * TIMEOUT_S / TICKS

    with one_request():
        for _ in range(10):
            await wait_for(prompt_s)


async def test_those_who_wait_together_wait_once() -> None:
    late_s = (PROMPT_TICKS + 1) * TIMEOUT_S / TICKS
    with one_request():
        await asyncio.gather(*(wait_for(late_s) for _ in range(8)))
        await wait_for(TIMEOUT_S / TICKS)


async def test_there_is_always_a_moment_left_for_a_redis_that_is_back() -> None:
    with one_request():
        await seconds_until_refused(10.0)
        await wait_for(0.0)


async def test_a_request_that_goes_on_for_long_is_not_refused_for_what_was_late_at_its_beginning() -> (
    None
):
    with one_request():
        await seconds_until_refused(10.0)
        await asyncio.sleep(FORGOTTEN_AFTER_S + 0.01)
        await wait_for(TIMEOUT_S * 0.6)


async def test_each_request_has_its_own_time() -> None:
    for _ in range(4):
        with one_request():
            await wait_for(TIMEOUT_S * 0.9)


async def test_what_goes_on_by_itself_does_not_share_the_time_of_who_began_it() -> None:
    async def go_on() -> None:
        for _ in range(4):
            await wait_for(TIMEOUT_S * 0.8)

    with one_request():
        by_itself = asyncio.create_task(go_on(), context=outside_of_requests())
        left_behind = asyncio.create_task(asyncio.sleep(TIMEOUT_S))
    await left_behind
    left_behind = asyncio.create_task(go_on())
    await asyncio.gather(by_itself, left_behind)
