import asyncio
import socket
import time

import pytest

from genai.memory.lag_tolerant_timeout import LagTolerantTimeout


async def test_a_block_that_takes_too_long_is_cancelled() -> None:
    with pytest.raises(TimeoutError):
        async with LagTolerantTimeout(0.01):
            await asyncio.sleep(10)


async def test_an_unread_reply_is_read_after_any_lag() -> None:
    reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.02, reply.set_result, "there")

    async with LagTolerantTimeout(0.01):
        time.sleep(0.2)  # noqa: ASYNC251 - the process is late
        assert await reply == "there"


async def test_a_reply_during_lag_in_the_last_tick_is_read() -> None:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_unix_connection(sock=ours)

    def be_late() -> None:
        theirs.send(b"there\n")
        time.sleep(0.1)

    asyncio.get_running_loop().call_later(0.075, be_late)
    async with LagTolerantTimeout(0.08):
        assert await reader.readline() == b"there\n"

    writer.close()
    theirs.close()


async def test_constant_lag_does_not_wait_forever() -> None:
    async def be_late() -> None:
        while True:
            time.sleep(0.01)  # noqa: ASYNC251 - the process is late
            await asyncio.sleep(0)

    lateness = asyncio.create_task(be_late())
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with LagTolerantTimeout(0.05):
            await asyncio.sleep(10)

    lateness.cancel()
    assert time.monotonic() - began < 5.0


@pytest.mark.parametrize("seconds", [0.2, 0.05])
async def test_an_excuse_extends_the_timeout_by_a_second_at_most(seconds: float) -> None:
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        async with LagTolerantTimeout(seconds, excused=lambda: True):
            await asyncio.sleep(10)

    assert 1.0 + seconds <= time.monotonic() - began < 9.0


async def test_an_outer_cancellation_is_passed_on() -> None:
    async def wait() -> None:
        async with LagTolerantTimeout(10):
            await asyncio.sleep(10)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
