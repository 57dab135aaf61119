"""Requests while Redis is frozen: nobody waits for it, and everybody is told to come again."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genai.access.keys import CACHED_FOR_S
from tests.support.access_world import SESSION, World, build_world
from tests.support.redis_server import RedisServer

pytest.importorskip("lancedb")

WITHIN_S = 0.25
TRIES = 5
"""A busy machine may be slow by itself; it is not so five times in a row."""

REQUESTS = (
    ("GET", "/v1/models", None, 503),
    ("GET", "/v1/keys", None, 503),
    ("GET", f"/v1/sessions/{SESSION}", None, 503),
    ("POST", "/v1/assistant/generate", {"input": "hi"}, 503),
    ("POST", "/v1/feedback", {"answer_id": "a", "rating": "up"}, 503),
)


@pytest.fixture
async def world(own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[World]:
    world = await build_world(own_redis.socket, tmp_path)
    yield world
    await world.state.async_close()


@contextmanager
def frozen(redis: RedisServer) -> Iterator[None]:
    os.kill(redis.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(redis.process.pid, signal.SIGCONT)


async def slowest(world: World, key: str) -> float:
    """Of all requests, at once and one after the other, with and without an idempotency key."""
    took = []

    async def ask(method: str, path: str, body: object, status: int, **headers: str) -> None:
        began = time.perf_counter()
        response = await world.call(method, path, key, body, **headers)
        took.append(time.perf_counter() - began)
        assert response.status_code == status, response.text
        assert int(response.headers["retry-after"]) >= 1

    for method, path, body, status in REQUESTS:
        await ask(method, path, body, status)
        if body:
            await ask(method, path, body, status, **{"Idempotency-Key": "k"})
    await asyncio.gather(*(ask(*request) for request in REQUESTS * 4))
    return max(took)


@pytest.mark.parametrize("known", [True, False], ids=["key known", "key not known"])
async def test_no_request_waits_on_a_frozen_redis(
    world: World, own_redis: RedisServer, known: bool
) -> None:
    admin = next(actor.key for actor in world.actors if actor.role == "admin")
    world.state.store.timeout_s = 0.2
    times = []
    for _ in range(TRIES):
        if known:
            assert await world.key_works(admin)
        else:
            await asyncio.sleep(CACHED_FOR_S)
        with frozen(own_redis):
            times.append(await slowest(world, admin))
        if times[-1] <= WITHIN_S:
            break
        await asyncio.sleep(1)

    assert min(times) <= WITHIN_S


async def test_the_service_is_back_as_soon_as_redis_is(
    world: World, own_redis: RedisServer
) -> None:
    admin = next(actor.key for actor in world.actors if actor.role == "admin")
    world.state.store.timeout_s = 0.2
    with frozen(own_redis):
        await slowest(world, admin)
    world.state.store.timeout_s = 5.0
    began = time.perf_counter()

    async with asyncio.timeout(20):
        while not await world.key_works(admin):  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.05)
    assert time.perf_counter() - began < 10
