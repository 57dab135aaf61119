import asyncio

import pytest

from deployments.stoppable import StoppableCalls, Stopped
from genai.errors import DeadlineExceeded
from genai.llms.spending import begin_call
from genai.llms.spent import spent_by
from genai.messages import Usage

USED = Usage(completion_tokens=3)


async def works(begun: asyncio.Event, usage: Usage | None = USED) -> str:
    begin_call().usage = usage
    begun.set()
    await asyncio.Event().wait()
    return "done"


async def stopped(usage: Usage | None) -> BaseException:
    calls, begun = StoppableCalls(), asyncio.Event()
    running = asyncio.create_task(calls.run("1", lambda: works(begun, usage)))
    await begun.wait()
    assert calls.stop("1")
    with pytest.raises(Stopped) as caught:
        await running
    return caught.value


async def test_a_stopped_call_says_what_it_has_used() -> None:
    assert spent_by(await stopped(USED)) == USED


async def test_nothing_is_said_of_what_is_unknown() -> None:
    assert spent_by(await stopped(None)) is None


async def late(*usages: Usage | None) -> BaseException:
    """The error of a call that ran out of time after calls of models with these usages."""

    async def work() -> None:
        for usage in usages:
            begin_call().usage = usage
        raise DeadlineExceeded("the request ran out of time")

    with pytest.raises(DeadlineExceeded) as caught:
        await StoppableCalls().run("1", work)
    return caught.value


async def test_a_call_that_runs_out_of_time_says_what_it_has_used() -> None:
    assert spent_by(await late(USED, USED)) == USED + USED
    assert spent_by(await late()) == Usage()
    assert spent_by(await late(USED, None)) is None


async def test_a_call_that_arrives_after_its_stop_does_not_begin() -> None:
    calls, begun = StoppableCalls(), asyncio.Event()
    assert not calls.stop("1")

    with pytest.raises(Stopped) as caught:
        await calls.run("1", lambda: works(begun))
    assert spent_by(caught.value) == Usage()
    assert not begun.is_set()


async def test_a_call_that_serve_cancels_is_cancelled() -> None:
    calls, begun = StoppableCalls(), asyncio.Event()
    running = asyncio.create_task(calls.run("1", lambda: works(begun)))
    await begun.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert not calls.stop("1")


async def test_other_calls_go_on() -> None:
    calls, begun = StoppableCalls(), asyncio.Event()
    running = asyncio.create_task(calls.run("1", lambda: works(begun)))
    await begun.wait()
    calls.stop("2")
    await asyncio.sleep(0)

    assert not running.done()
    running.cancel()
