import asyncio

import pytest
from redis.asyncio import Redis

from genai.errors import BackendFailed
from genai.memory.redis import RedisMemory
from genai.memory.store import Store
from genai.messages import Turn
from genai.settings.state import MemorySettings
from tests.support.redis_server import RedisServer

HELLO = [Turn(role="user", content="hello", tokens=1)]


async def test_a_session_expires_after_its_last_turn(redis_client: Redis, store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(ttl_s=100))

    await memory.async_store("acme", "ann", "s1", HELLO)

    for key in await redis_client.keys("*"):
        assert 0 < await redis_client.ttl(key) <= 100


async def test_every_key_begins_with_the_tenant(redis_client: Redis, store: Store) -> None:
    await RedisMemory(store, MemorySettings()).async_store("acme", "ann", "s1", HELLO)

    keys = [str(key) for key in await redis_client.keys("*")]

    assert len(keys) == 2
    assert all(key.startswith("b'{acme}|") for key in keys)


async def test_expired_sessions_leave_the_list(store: Store) -> None:
    now = 1000.0
    memory = RedisMemory(store, MemorySettings(ttl_s=100), clock=lambda: now)
    await memory.async_store("acme", "ann", "old", HELLO)
    now = 1050.0
    await memory.async_store("acme", "ann", "new", HELLO)
    now = 1120.0

    assert await memory.async_sessions("acme", "ann") == ("new",)


async def test_a_long_history_is_read_in_pages(store: Store) -> None:
    memory = RedisMemory(store, MemorySettings())
    turns = [Turn(role="user", content=str(i), tokens=1) for i in range(100)]
    await memory.async_store("acme", "ann", "s1", turns)

    found = await memory.async_retrieve("acme", "ann", "s1", max_tokens=50)

    assert [turn.content for turn in found] == [str(i) for i in range(50, 100)]


async def test_acknowledged_turns_survive_a_killed_server(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0.01)
    memory = RedisMemory(store, MemorySettings())
    acknowledged = 0

    async def write() -> None:
        nonlocal acknowledged
        while True:
            turn = Turn(role="user", content=str(acknowledged), tokens=1)
            await memory.async_store("acme", "ann", "s1", [turn])
            acknowledged += 1
            if acknowledged == 100:
                own_redis.process.kill()

    with pytest.raises(BackendFailed):
        await write()
    own_redis.process.wait()
    own_redis.start()
    await asyncio.sleep(0.02)
    turns = await memory.async_retrieve("acme", "ann", "s1", max_tokens=1_000_000)
    await store.close()

    assert len(turns) >= acknowledged >= 100
    assert [turn.content for turn in turns[:acknowledged]] == [str(i) for i in range(acknowledged)]
