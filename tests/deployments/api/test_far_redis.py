"""Requests while Redis is on another machine and late: served, or refused soon and for the right reason."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.support.far_redis import FarRedis, far_redis
from tests.support.redis_server import RedisServer
from tests.support.whole_app import whole_app, whole_settings

TIMEOUT_S = 0.2
WITHIN_S = 0.25
OF_THE_MACHINE_S = 0.15
"""What a busy one may take for a request by itself."""

TRIES = 5
QUESTION = "What does it cost to replace a lost card?"


@dataclass
class Client:
    http: httpx.AsyncClient
    far: FarRedis
    number: "count[int]"

    async def chat(self) -> tuple[int, float]:
        body = {"model": "bank", "messages": [{"role": "user", "content": f"{next(self.number)}"}]}
        return await self._ask("/v1/chat/completions", body)

    async def new_session(self) -> tuple[int, float]:
        return await self._ask("/v1/assistant/generate", {"input": QUESTION})

    async def old_session(self) -> tuple[int, float]:
        body = {"input": QUESTION, "session_id": "s"}
        return await self._ask("/v1/assistant/generate", body, f"k{next(self.number)}")

    async def _ask(self, path: str, body: object, key: str = "") -> tuple[int, float]:
        began = time.perf_counter()
        headers = {"Idempotency-Key": key} if key else {}
        response = await self.http.post(path, json=body, headers=headers)
        if response.status_code != 200:
            assert int(response.headers["retry-after"]) >= 1, response.text
        return response.status_code, time.perf_counter() - began

    async def calm(self) -> None:
        """As near as any, and known to be."""
        self.far.late_s = self.far.jitter_s = self.far.dribble_s = 0.0
        self.far.deaf = False
        async with asyncio.timeout(20):
            while (await self.new_session())[0] != 200:  # noqa: ASYNC110 - nobody tells when
                await asyncio.sleep(0.1)


async def connected(
    own_redis: RedisServer, folder: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> AsyncIterator[Client]:
    async with far_redis(own_redis.socket) as far:
        monkeypatch.setenv("FAR_REDIS", far.url)
        settings = whole_settings(
            folder, own_redis.socket, redis={"url_env": "FAR_REDIS", "timeout_s": TIMEOUT_S}
        )
        limits = settings.limits.model_copy(update={"on_store_failure": policy})
        async with whole_app(settings.model_copy(update={"limits": limits})) as app:
            key = await app.new_key("acme", "ada")
            transport = httpx.ASGITransport(app.http, raise_app_exceptions=False)
            headers = {"Authorization": f"Bearer {key}"}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://test", headers=headers
            ) as http:
                client = Client(http, far, count())
                await client.calm()
                yield client


@pytest.fixture
async def client(
    own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    async for client in connected(own_redis, tmp_path, monkeypatch, "refuse"):
        yield client


@pytest.fixture
async def lenient(
    own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    async for client in connected(own_redis, tmp_path, monkeypatch, "allow_locally"):
        yield client


@pytest.mark.parametrize("late_s", [0.005, 0.05, 0.09])
async def test_a_redis_that_is_far_away_serves(client: Client, late_s: float) -> None:
    client.far.late_s = late_s
    for _ in range(8):
        await client.chat()
    await asyncio.sleep(0.3)  # how far it is, is known

    for ask in (client.chat, client.new_session, client.old_session):
        assert [(await ask())[0] for _ in range(4)] == [200] * 4


LATE = {
    "150 ms": {"late_s": 0.15},
    "240 ms": {"late_s": 0.24},
    "400 ms": {"late_s": 0.4},
    "uneven": {"late_s": 0.08, "jitter_s": 0.25},
    "deaf": {"deaf": True},
    "byte by byte": {"dribble_s": 0.02},
}


@pytest.mark.parametrize("how", LATE.values(), ids=LATE)
async def test_whoever_is_not_served_is_told_soon_to_come_again(
    client: Client, how: dict[str, float]
) -> None:
    """At once and one after the other, with and without sessions and idempotency keys."""
    slowest = []
    for _ in range(TRIES):
        await client.calm()
        for name, value in how.items():
            setattr(client.far, name, value)
        asked = [client.chat, client.new_session, client.old_session]
        seen = [await ask() for ask in asked * 2]
        seen += await asyncio.gather(*(ask() for ask in asked))
        assert {status for status, _ in seen} <= {200, 503}
        slowest.append(max(took for status, took in seen if status != 200))
        if slowest[-1] <= WITHIN_S + OF_THE_MACHINE_S:
            break

    assert min(slowest) <= WITHIN_S + OF_THE_MACHINE_S


async def test_with_a_local_allowance_questions_of_no_session_are_answered(lenient: Client) -> None:
    lenient.far.deaf = True

    assert [(await lenient.chat())[0] for _ in range(4)] == [200] * 4
    assert [(await lenient.new_session())[0] for _ in range(4)] == [200] * 4
    assert (await lenient.old_session())[0] == 503
