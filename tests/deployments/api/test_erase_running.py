"""A person who is erased while requests of that person still run: what these would keep is not kept."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from redis.asyncio import Redis

from deployments.api.app import build_http_app
from genai.rag.base import Document, DocumentStore
from tests.deployments.api.test_canaries import kept_in
from tests.support.asgi import Exchange
from tests.support.fake_openai import FakeOpenAI, streams
from tests.support.redis_server import RedisServer
from tests.support.running import async_idle
from tests.support.whole_app import WholeApp, whole_app, whole_settings

pytest.importorskip("lancedb")

ASK, CHAT = "/v1/assistant/generate", "/v1/chat/completions"
ZELDA = "zelda"


class Held(FakeOpenAI):
    """Answers once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Semaphore(0)
        self.may = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.release()
        await self.may.wait()
        return await streams(["All ", "is ", "well."])(request)


@dataclass
class RunWorker:
    app: WholeApp
    upstream: Held
    redis: Redis
    key: str
    admin: str

    async def send(self, key: str, method: str, path: str, body: Any = None) -> httpx.Response:
        transport = httpx.ASGITransport(self.app.http)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Authorization": f"Bearer {key}"}
            return await client.request(method, path, json=body, headers=headers)

    def begin(self, path: str, body: dict[str, Any], **headers: str) -> Exchange:
        authorized = {"authorization": f"Bearer {self.key}", **headers}
        return Exchange(self.app.http, path, json.dumps(body).encode(), headers=authorized)

    def begin_everything(self) -> list[Exchange]:
        asked = {"input": "Tell me of cards.", "route": "chat"}
        said = [{"role": "user", "content": "Tell me of cards."}]
        return [
            self.begin(ASK, {**asked, "session_id": "named", "stream": True}),
            self.begin(ASK, {**asked, "session_id": "whole"}, **{"idempotency-key": "once"}),
            self.begin(ASK, {**asked, "stream": True}, **{"idempotency-key": "twice"}),
            self.begin(ASK, {**asked, "durable": True, "stream": True}),
            self.begin(CHAT, {"model": "bank", "messages": said}),
        ]

    async def traces(self) -> dict[str, str]:
        """What in Redis still names the person, or one of the keys of that person."""
        await self.app.state.store.flush()
        names = (ZELDA, self.key.split("_")[1])
        kept = await kept_in(self.redis)
        return {k: v for k, v in kept.items() if any(name in k + v for name in names)}

    async def money(self) -> dict[str, tuple[int, int]]:
        """What is spent and held in each account."""
        found = {}
        for name in await self.redis.keys("{acme}|money|*"):
            spent, held = await self.redis.hmget(name, "spent", "held")
            found[name.decode().split("|", 3)[3]] = (int(spent or 0), int(held or 0))
        return found


@pytest.fixture
async def worker(
    own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunWorker]:
    monkeypatch.setenv("UPSTREAM_KEY", "k")
    upstream, budget = Held(), {"usd_per_day": 1000}
    async with upstream.running() as url:
        cloud = {"backend": "openai", "model": "m", "base_url": url, "api_key_env": "UPSTREAM_KEY"}
        settings = whole_settings(
            tmp_path,
            own_redis.socket,
            llms={
                "bank": {**cloud, "price": {"input": 1.0, "output": 10.0}},
                "extractive": {"backend": "extractive"},
            },
            agent={"llm": "bank"},
            budgets=dict.fromkeys(("per_tenant", "per_user", "per_key", "per_session"), budget),
        )
        redis = own_redis.client(5.0)
        async with whole_app(settings) as app:
            key = await app.new_key("acme", ZELDA, "user", "operator", "contributor")
            yield RunWorker(app, upstream, redis, key, await app.new_key("acme", "boss"))
        await redis.aclose()


async def test_what_runs_during_an_erasure_leaves_nothing_of_the_person(worker: RunWorker) -> None:
    running = worker.begin_everything()
    async with asyncio.timeout(10):
        for _ in running:
            await worker.upstream.asked.acquire()

    erased = await worker.send(worker.admin, "DELETE", f"/v1/subjects/{ZELDA}")
    meanwhile = await worker.traces()
    worker.upstream.may.set()
    await asyncio.gather(*(exchange.finished() for exchange in running))
    await async_idle(worker.app._ingress._runner)

    assert erased.status_code == 200
    assert meanwhile == await worker.traces() == {}
    money = await worker.money()
    spent = money.pop("tenant")
    assert spent[0] > 0
    assert spent[1] == 0
    assert {held for _, held in money.values()} == {0}
    assert not [name for name in money if name.startswith("session|")]


async def test_what_its_client_left_ends_with_the_erasure_and_leaves_nothing(
    worker: RunWorker,
) -> None:
    asked = {"input": "Tell me of cards.", "route": "chat", "stream": True}
    first = worker.begin(ASK, asked, **{"idempotency-key": "left"})
    await worker.upstream.asked.acquire()
    first.leave()
    await first.finished()
    await worker.send(worker.admin, "DELETE", f"/v1/subjects/{ZELDA}")
    async with asyncio.timeout(60):
        await worker.app.services.shutdown._idle.wait()

    assert await worker.traces() == {}
    assert (await worker.money())["tenant"][1] == 0


async def test_who_comes_back_under_the_same_name_is_remembered_again(worker: RunWorker) -> None:
    worker.upstream.may.set()
    asked = {"input": "Tell me of cards.", "route": "chat", "session_id": "s"}
    await worker.send(worker.key, "POST", ASK, asked)
    await worker.send(worker.admin, "DELETE", f"/v1/subjects/{ZELDA}")
    before = await worker.send(worker.key, "POST", ASK, asked)
    worker.key = await worker.app.new_key("acme", ZELDA)
    after = await worker.send(worker.key, "POST", ASK, asked)
    session = await worker.send(worker.key, "GET", "/v1/sessions/s")

    assert (before.status_code, after.status_code) == (401, 200)
    assert len(session.json()["turns"]) == 2
    assert (await worker.money())[f"user|{ZELDA}"][0] > 0


class SlowDocuments:
    """Stores once it may."""

    def __init__(self, inner: DocumentStore) -> None:
        self.storing, self.go_on = asyncio.Event(), asyncio.Event()
        self._inner = inner
        self.async_list, self.async_delete = inner.async_list, inner.async_delete

    async def async_add(
        self, tenant: str, documents: Sequence[Document], *, keep_readers: bool = False
    ) -> None:
        self.storing.set()
        await self.go_on.wait()
        await self._inner.async_add(tenant, documents, keep_readers=keep_readers)


async def test_a_document_that_is_being_stored_meanwhile_is_not_kept(worker: RunWorker) -> None:
    slow = SlowDocuments(worker.app.services.documents)
    worker.app.http = build_http_app(replace(worker.app.services, documents=slow))
    sending = worker.begin("/v1/documents", {"title": "Cards", "text": "# Cards\n\nOf zelda."})
    await slow.storing.wait()
    await worker.send(worker.admin, "DELETE", f"/v1/subjects/{ZELDA}")
    slow.go_on.set()
    await sending.finished()

    assert sending.status == 401
    listed = (await worker.send(worker.admin, "GET", "/v1/documents")).json()["data"]
    assert [found for found in listed if found["title"] == "Cards"] == []
    assert await worker.traces() == {}
