"""Answers that end too early: charged what had been made of them, and not all that was set aside."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from tests.support.asgi import Exchange
from tests.support.fake_openai import FakeOpenAI, streams
from tests.support.redis_server import RedisServer
from tests.support.whole_app import WholeApp, whole_app, whole_settings

pytest.importorskip("lancedb")

WITHIN_S = 1.5
OUTPUT_PRICE = 1000
MOST_TOKENS = 5000
CHAT = {
    "model": "bank",
    "max_tokens": MOST_TOKENS,
    "messages": [{"role": "user", "content": "Tell me of cards."}],
}
ASKED = {"input": "Tell me of cards.", "route": "chat", "max_tokens": MOST_TOKENS}

OF_AGENT = {"input": "Tell me of cards.", "route": "agent"}

either = pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/chat/completions", CHAT), ("/v1/assistant/generate", ASKED)],
    ids=["of a model", "of the assistant"],
)


class Endless(FakeOpenAI):
    """Makes word after word, and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.well_begun = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return await streams(self._words(), pause_s=0.01)(request)

    def _words(self) -> Iterator[str]:
        for self.made in itertools.count(1):
            if self.made == 30:
                self.well_begun.set()
            yield "a "  # a token by any estimate


@dataclass
class Shop:
    app: WholeApp
    upstream: Endless
    key: str

    async def spent(self) -> int:
        await self.app.state.store.flush()
        return (await self.app.state.budgets.async_status("acme", "user", "ann")).spent_day

    def check(self, spent: int) -> None:
        """As many tokens as came until then; some were on their way."""
        tokens = spent / OUTPUT_PRICE
        assert 10 < tokens <= self.upstream.made + 1
        assert tokens > self.upstream.made / 2


@pytest.fixture
async def shop(
    own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shop]:
    monkeypatch.setenv("UPSTREAM_KEY", "k")
    upstream = Endless()
    async with upstream.running() as url:
        cloud = {"backend": "openai", "model": "m", "base_url": url, "api_key_env": "UPSTREAM_KEY"}
        settings = whole_settings(
            tmp_path,
            own_redis.socket,
            llms={
                "bank": {**cloud, "price": {"output": OUTPUT_PRICE}},
                "extractive": {"backend": "extractive"},
            },
            agent={"llm": "bank", "tools": [{"tool": "calculator"}]},
            budgets={"per_user": {"usd_per_day": 1000}},
            http={"default_timeout_s": WITHIN_S},
        )
        async with whole_app(settings) as app:
            yield Shop(app, upstream, await app.new_key("acme", "ann"))


@either
async def test_a_whole_answer_that_ran_out_of_time_is_charged_what_was_made(
    shop: Shop, path: str, body: dict[str, object]
) -> None:
    transport = httpx.ASGITransport(shop.app.http)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        authorized = {"Authorization": f"Bearer {shop.key}"}
        response = await client.post(path, json=body, headers=authorized)

    assert response.status_code == 504
    shop.check(await shop.spent())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_an_agent_that_ran_out_of_time_is_charged_for_its_last_question(
    shop: Shop, stream: bool
) -> None:
    transport = httpx.ASGITransport(shop.app.http)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        authorized = {"Authorization": f"Bearer {shop.key}"}
        body = OF_AGENT | {"stream": stream}
        response = await client.post("/v1/assistant/generate", json=body, headers=authorized)

    assert "ran out of time" in response.text
    shop.check(await shop.spent())


@either
async def test_whoever_leaves_a_whole_answer_is_charged_what_was_made(
    shop: Shop, path: str, body: dict[str, object]
) -> None:
    authorized = {"authorization": f"Bearer {shop.key}"}
    exchange = Exchange(shop.app.http, path, json.dumps(body).encode(), headers=authorized)
    async with asyncio.timeout(WITHIN_S):
        await shop.upstream.well_begun.wait()
    exchange.leave()
    await exchange.finished()

    shop.check(await shop.spent())


async def test_whoever_leaves_a_stream_of_the_agent_is_charged_what_was_made(shop: Shop) -> None:
    body = json.dumps(OF_AGENT | {"stream": True}).encode()
    authorized = {"authorization": f"Bearer {shop.key}"}
    exchange = Exchange(shop.app.http, "/v1/assistant/generate", body, headers=authorized)
    async with asyncio.timeout(WITHIN_S):
        await shop.upstream.well_begun.wait()
    exchange.leave()
    await exchange.finished()

    shop.check(await shop.spent())


async def test_a_durable_run_that_a_shutdown_cuts_off_is_charged_what_was_made(shop: Shop) -> None:
    body = json.dumps(OF_AGENT | {"durable": True, "stream": True}).encode()
    authorized = {"authorization": f"Bearer {shop.key}"}
    exchange = Exchange(shop.app.http, "/v1/assistant/generate", body, headers=authorized)
    async with asyncio.timeout(WITHIN_S):
        await shop.upstream.well_begun.wait()
    await shop.app._ingress._runner.async_close()
    exchange.leave()
    await exchange.finished()

    shop.check(await shop.spent())
