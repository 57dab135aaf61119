"""The load generator against the mock upstream: both run on a loopback socket of this process."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from benchmarks.bodies import PATHS, body
from benchmarks.load import Load, Outcome, generate
from benchmarks.text import QUESTION, echo
from benchmarks.upstream import Upstream


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def load_on(port: int, *, stream: bool, expected: str) -> Outcome:
    load = Load(
        port=port,
        path=PATHS["chat"],
        key="any",
        body=body("chat", max_tokens=40, stream=stream),
        expected=expected,
        stream=stream,
        clients=3,
        requests_per_client=4,
    )
    return await generate(load, lambda: None)


async def test_every_whole_answer_is_counted(port: int) -> None:
    outcome = await load_on(port, stream=False, expected=echo(QUESTION, 40))

    assert (outcome.requests, outcome.failed) == (12, 0)
    assert outcome.latency_ms["p50"] > 0


async def test_every_word_of_every_stream_is_counted(port: int) -> None:
    outcome = await load_on(port, stream=True, expected=echo(QUESTION, 40))

    assert (outcome.requests, outcome.failed) == (12, 0)
    assert outcome.tokens == 12 * 40
    assert 0 < outcome.first_token_ms["p50"] <= outcome.latency_ms["p50"]


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_with_another_text_counts_as_failed(port: int, *, stream: bool) -> None:
    outcome = await load_on(port, stream=stream, expected="something else")

    assert (outcome.requests, outcome.failed) == (0, 12)
    assert outcome.failure


async def test_a_server_that_is_not_there_counts_as_failed() -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    load = Load(port=port, path="/", key="any", body="", seconds=0.2, warmup_s=0.0)
    outcome = await generate(load, lambda: None)

    assert outcome.requests == 0
    assert outcome.failed > 0
