import asyncio
import time

import httpx
import pytest
from fastapi import FastAPI

from deployments.api.app import build_http_app
from deployments.api.shutdown import Shutdown, ShuttingDown
from genai.errors import DeadlineExceeded
from tests.support.asgi import Exchange
from tests.support.services import Fakes
from tests.support.sse import parse_events

QUESTION = b'{"input": "hi", "stream": true}'
CHAT = b'{"model": "assistant", "messages": [{"role": "user", "content": "hi"}], "stream": true}'


async def test_a_passed_deadline_stops_the_block_at_once() -> None:
    with pytest.raises(DeadlineExceeded):
        async with Shutdown().until(time.time() - 1):
            await asyncio.Event().wait()


async def test_only_who_asked_for_little_time_is_told_so(fakes: Fakes) -> None:
    fakes.assistant.error = DeadlineExceeded("too late")
    app = build_http_app(fakes.services())
    asked, default = (
        Exchange(app, "/v1/assistant/generate", body)
        for body in (b'{"input": "hi", "timeout_s": 5}', b'{"input": "hi"}')
    )
    await asked.finished()
    await default.finished()

    assert (asked.status, default.status) == (408, 504)
    assert b'"code":"deadline_exceeded"' in asked.body
    assert b'"code":"deadline_exceeded"' in default.body


async def test_a_timeout_of_the_work_itself_is_not_ours() -> None:
    with pytest.raises(TimeoutError, match="inner"):
        async with Shutdown().until(time.time() + 60):
            raise TimeoutError("inner")


async def test_who_waits_when_the_time_is_up_goes_no_further() -> None:
    shutdown = Shutdown()
    await shutdown.async_close(0)

    with pytest.raises(ShuttingDown):
        async with shutdown.until(time.time() + 60):
            await asyncio.Event().wait()


@pytest.fixture
def holding(fakes: Fakes) -> FastAPI:
    """Says one word and then waits."""
    fakes.assistant.hold = asyncio.Event()
    return build_http_app(fakes.services())


@pytest.fixture
def shutdown(fakes: Fakes) -> Shutdown:
    return fakes.shutdown


async def test_a_cut_stream_ends_with_an_error_event(holding: FastAPI, shutdown: Shutdown) -> None:
    exchange = Exchange(holding, "/v1/assistant/generate", QUESTION)
    await exchange.some_output()

    await shutdown.async_close(0)

    events = parse_events(exchange.body)
    assert [name for name, _ in events] == ["token", "error"]
    assert events[-1][1]["error"]["code"] == "shutting_down"
    assert exchange.messages[-1]["more_body"] is False


async def test_so_does_a_cut_chat_completion(holding: FastAPI, shutdown: Shutdown) -> None:
    exchange = Exchange(holding, "/v1/chat/completions", CHAT)
    await exchange.some_output()

    await shutdown.async_close(0)

    assert b'data: {"error":{"code":"shutting_down"' in exchange.body
    assert exchange.body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("body", [QUESTION, CHAT])
async def test_so_does_a_stream_that_the_server_cancels(holding: FastAPI, body: bytes) -> None:
    path = "/v1/assistant/generate" if body == QUESTION else "/v1/chat/completions"
    exchange = Exchange(holding, path, body)
    await exchange.some_output()

    exchange.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exchange.finished()

    assert b'"code":"shutting_down"' in exchange.body


async def test_what_ends_in_time_is_not_cut(
    holding: FastAPI, fakes: Fakes, shutdown: Shutdown
) -> None:
    exchange = Exchange(holding, "/v1/assistant/generate", QUESTION)
    await exchange.some_output()

    ended = asyncio.create_task(shutdown.async_close(60))
    await asyncio.sleep(0.1)
    assert not ended.done()
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()
    await asyncio.wait_for(ended, 5)

    assert parse_events(exchange.body)[-1][0] == "done"


async def test_a_new_request_is_sent_elsewhere(
    client: httpx.AsyncClient, shutdown: Shutdown
) -> None:
    await shutdown.async_close(0)

    refused = await client.post("/v1/assistant/generate", json={"input": "hi"})

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "shutting_down"
    assert refused.headers["retry-after"] == "1"
    assert (await client.get("/readyz")).status_code == 503
    assert (await client.get("/healthz")).status_code == 200
