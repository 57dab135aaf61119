"""Clients that disconnect at any moment: the model call ends at once, and all resources are released.

`LEAVERS` is the number of clients: 1,000 in `make fuzz`, some dozens in `make test`.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis.asyncio import Redis

from tests.support.asgi import Exchange
from tests.support.fake_openai import EndlessOpenAI
from tests.support.redis_server import RedisServer
from tests.support.whole_app import WholeApp, whole_app, whole_settings

pytest.importorskip("lancedb")

LEAVERS = int(os.environ.get("LEAVERS", "64"))
AT_ONCE = 16
CLOSED_WITHIN_S = 1.0
SETTLED_WITHIN_S = 5.0
GAUGES = ("genai_inflight", "genai_llm_running")

pytestmark = pytest.mark.timeout(60 + LEAVERS / 2)


@dataclass
class Leaving:
    app: WholeApp
    upstream: EndlessOpenAI
    redis: Redis
    key: str

    async def taken(self) -> dict[str, float]:
        """All resources that requests hold, with their current use."""
        found: dict[str, float] = {}
        for name in await self.redis.keys("*"):
            kind = name.decode().rpartition("|")[2]
            if kind in {"places", "due"}:
                found[name.decode()] = await self.redis.zcard(name)
            elif kind == "held":
                found[name.decode()] = await self.redis.hlen(name)
            elif "|money|" in name.decode():
                sums = await self.redis.hgetall(name)
                held = (int(n) for what, n in sums.items() if what.startswith(b"held"))
                found[name.decode()] = sum(held)
        for line in (await self.app.metrics()).decode().splitlines():
            if line.startswith(GAUGES):
                found[line.rpartition(" ")[0]] = float(line.rpartition(" ")[2])
        found["upstream"] = len(self.upstream.open)
        found["waiting and running"] = _in_queue(self.app)
        return found


class SchedulingLag:
    """Measures the scheduling lag of this process on a busy machine."""

    async def __aenter__(self) -> "SchedulingLag":
        self.worst_s = 0.0
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            self.worst_s = max(self.worst_s, time.monotonic() - began - 0.01)


def _in_queue(app: WholeApp) -> int:
    queue: Any = app.services.queue
    root = queue._flows.root
    return int(root.here + len(root.children))


@pytest.fixture
async def leaving(
    own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Leaving]:
    monkeypatch.setenv("UPSTREAM_KEY", "k")
    upstream = EndlessOpenAI()
    async with upstream.running() as url:
        cloud = {"backend": "openai", "model": "m", "base_url": url, "api_key_env": "UPSTREAM_KEY"}
        priced = {**cloud, "price": {"input": 1.0, "output": 1.0}, "timeout_s": 60}
        settings = whole_settings(
            tmp_path,
            own_redis.socket,
            llms={"bank": priced, "extractive": {"backend": "extractive"}},
            agent={"llm": "bank"},
            budgets={"per_key": {"usd_per_day": 1000}, "per_session": {"usd_per_day": 10}},
        )
        redis = own_redis.client(5.0)
        async with whole_app(settings) as app:
            yield Leaving(app, upstream, redis, await app.new_key("acme", "ann"))
        await redis.aclose()


async def test_abandoned_requests_release_all_resources(leaving: Leaving) -> None:
    await leave(leaving, 0, "warm up")
    await settled(leaving)
    tasks, files = len(asyncio.all_tasks()), psutil.Process().num_fds()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> float:
        async with places:
            return await leave(leaving, number, f"{WAYS[number % len(WAYS)]} {number}")

    async with SchedulingLag() as late:
        closed_s = await asyncio.gather(*map(one, range(LEAVERS)))
    took_s = await settled(leaving)

    assert max(closed_s) < CLOSED_WITHIN_S + late.worst_s
    assert len(asyncio.all_tasks()) <= tasks + 5
    assert psutil.Process().num_fds() <= files + 2 * AT_ONCE
    closed = f"closed within {max(closed_s):.3f} s (the machine was {late.worst_s:.3f} s late)"
    print(f"\n{LEAVERS} left: {closed}, settled after {took_s:.3f} s")  # noqa: T201


WAYS = ("speaking", "silent", "hasty", "whole silent", "asked silent", "session")


async def leave(leaving: Leaving, number: int, text: str) -> float:
    """Send a request, disconnect in the way that the text names; returns the seconds until the model call
    ended.
    """
    exchange = _ask(leaving, number, text)
    if text.startswith("hasty"):
        await asyncio.sleep(number % 20 / 1000)
    elif "silent" in text:
        await asyncio.wait_for(leaving.upstream.asked(text).wait(), 30)
    else:
        await exchange.some_output()
    left = time.monotonic()
    exchange.leave()
    await exchange.finished()
    if leaving.upstream.asked(text).is_set():
        await asyncio.wait_for(leaving.upstream.left(text).wait(), 30)
    return time.monotonic() - left


def _ask(leaving: Leaving, number: int, text: str) -> Exchange:
    headers = {"authorization": f"Bearer {leaving.key}"}
    if text.startswith(("asked", "session")):
        body: dict[str, Any] = {"input": text, "route": "chat", "stream": True}
        body |= {"session_id": f"s-{number % 7}"} if text.startswith("session") else {}
        path = "/v1/assistant/generate"
    else:
        message = {"role": "user", "content": text}
        body = {"model": "bank", "messages": [message], "stream": not text.startswith("whole")}
        path = "/v1/chat/completions"
    return Exchange(leaving.app.http, path, json.dumps(body).encode(), headers=headers)


async def settled(leaving: Leaving) -> float:
    """The seconds until all resources are released."""
    began = time.monotonic()
    while any((taken := await leaving.taken()).values()):
        assert time.monotonic() - began < SETTLED_WITHIN_S, {k: v for k, v in taken.items() if v}
        await asyncio.sleep(0.02)
    return time.monotonic() - began
