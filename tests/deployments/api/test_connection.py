import asyncio

import pytest

from deployments.api.connection import ClientGone, DisconnectWatch

Message = dict[str, str]


async def test_a_client_that_leaves_cancels_the_block() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGone), DisconnectWatch(receive):
        await asyncio.Event().wait()

    await asyncio.sleep(0)  # the task itself can go on


async def test_an_outer_cancellation_is_passed_on() -> None:
    async def receive() -> Message:
        await asyncio.Event().wait()
        return {}

    async def work() -> None:
        with DisconnectWatch(receive):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_end_of_a_connection_after_the_response_is_no_news() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with DisconnectWatch(receive) as watch:
        watch.served()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_a_server_that_cannot_be_asked_does_not_stop_the_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def receive() -> Message:
        raise RuntimeError("proxy is gone")

    with DisconnectWatch(receive):
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert "cannot be watched" in caplog.text
