import asyncio

import pytest
from redis.asyncio import Redis

from genai.errors import BackendFailed
from genai.memory.cipher import Cipher
from genai.memory.redis import RedisMemory
from genai.memory.session_ids import new_session_id
from genai.memory.session_names import SessionNames
from genai.memory.store import Store
from genai.memory.vault import vault_key
from genai.messages import Turn
from genai.settings.state import MemorySettings
from tests.support.redis_server import RedisServer
from tests.support.vault import CIPHER

HELLO = [Turn(role="user", content="hello", tokens=1)]


async def test_a_session_expires_after_its_last_turn(redis_client: Redis, store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(ttl_s=100), CIPHER)

    await memory.async_store("acme", "ann", "s1", HELLO)

    keys = await redis_client.keys("*")
    assert keys
    for key in keys:
        assert 0 < await redis_client.ttl(key) <= 100


async def test_every_key_begins_with_the_tenant(redis_client: Redis, store: Store) -> None:
    await RedisMemory(store, MemorySettings(), CIPHER).async_store("acme", "ann", "s1", HELLO)

    keys = [str(key) for key in await redis_client.keys("*")]

    assert len(keys) == 2
    assert all(key.startswith("b'{acme}|") for key in keys)


async def test_expired_sessions_leave_the_list(store: Store) -> None:
    now = 1000.0
    memory = RedisMemory(store, MemorySettings(ttl_s=100), CIPHER, clock=lambda: now)
    await memory.async_store("acme", "ann", "old", HELLO)
    now = 1050.0
    await memory.async_store("acme", "ann", "new", HELLO)
    now = 1120.0

    assert await memory.async_sessions("acme", "ann") == (SessionNames(CIPHER).stored_id("new"),)


async def test_a_long_history_is_read_in_pages(store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(), CIPHER)
    turns = [Turn(role="user", content=str(i), tokens=1) for i in range(100)]
    await memory.async_store("acme", "ann", "s1", turns)

    found = await memory.async_retrieve("acme", "ann", "s1", max_tokens=50)

    assert [turn.content for turn in found] == [str(i) for i in range(50, 100)]


async def test_redis_stores_neither_turns_nor_chosen_session_ids_in_plain_text(
    redis_client: Redis, store: Store
) -> None:
    memory = RedisMemory(store, MemorySettings(), CIPHER)
    said = [Turn(role="user", content="my name is Ada Byron", tokens=5)]

    await memory.async_store("acme", "ann", "4111111111111111", said)

    read = [str(key) for key in await redis_client.keys("*")]
    for key in await redis_client.keys("*"):
        lists = await redis_client.type(key) == b"list"
        read.append(str(await (redis_client.lrange if lists else redis_client.zrange)(key, 0, -1)))
    assert "4111" not in "".join(read)
    assert "Byron" not in "".join(read)
    found = await memory.async_retrieve("acme", "ann", "4111111111111111", max_tokens=9)
    assert [turn.content for turn in found] == ["my name is Ada Byron"]


async def test_turns_are_unreadable_after_a_change_of_the_data_key(store: Store) -> None:
    before = RedisMemory(store, MemorySettings(), CIPHER)
    session_id = new_session_id()
    for one in ("s1", session_id):
        await before.async_store("acme", "ann", one, HELLO)
        assert await before.async_retrieve("acme", "ann", one, max_tokens=9)

    after = RedisMemory(store, MemorySettings(), Cipher(b"x" * 32))

    for one in ("s1", session_id):
        assert await after.async_retrieve("acme", "ann", one, max_tokens=9) == ()


async def test_acknowledged_turns_survive_a_killed_server(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0.01)
    memory = RedisMemory(store, MemorySettings(), CIPHER)
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


async def answered(memory: RedisMemory, session_id: str) -> None:
    await memory.async_store("acme", "ann", session_id, HELLO)


async def remembered(memory: RedisMemory, session_id: str) -> bool:
    return bool(await memory.async_retrieve("acme", "ann", session_id, max_tokens=10))


async def test_only_the_newest_single_use_sessions_are_kept(store: Store) -> None:
    now = 1000.0
    memory = RedisMemory(store, MemorySettings(max_begun=3), CIPHER, clock=lambda: now)
    begun = [new_session_id() for _ in range(5)]

    for session_id in begun:
        now += 1
        await answered(memory, session_id)

    assert [await remembered(memory, one) for one in begun] == [False, False, True, True, True]
    assert await memory.async_sessions("acme", "ann") == tuple(begun[2:])


async def test_a_new_session_is_kept_though_older_ones_would_expire_later(store: Store) -> None:
    for_long = RedisMemory(store, MemorySettings(max_begun=2), CIPHER)
    briefly = RedisMemory(store, MemorySettings(max_begun=2, ttl_s=60), CIPHER)
    for _ in range(2):
        await answered(for_long, new_session_id())

    newest = new_session_id()
    await answered(briefly, newest)

    assert await remembered(briefly, newest)
    assert len(await briefly.async_sessions("acme", "ann")) == 2


async def test_a_continued_session_is_kept(store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(max_begun=2), CIPHER)
    first = new_session_id()
    await answered(memory, first)
    await answered(memory, first)

    for _ in range(5):
        await answered(memory, new_session_id())

    assert await remembered(memory, first)
    assert first in await memory.async_sessions("acme", "ann")
    assert len(await memory.async_sessions("acme", "ann")) == 3


async def test_sessions_with_chosen_ids_are_kept_without_a_limit(store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(max_begun=2), CIPHER)

    for number in range(10):
        await answered(memory, f"order-{number}")

    assert len(await memory.async_sessions("acme", "ann")) == 10


async def test_sessions_of_a_user_do_not_evict_those_of_others(store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(max_begun=2), CIPHER)
    of_bob = new_session_id()
    await memory.async_store("acme", "bob", of_bob, HELLO)

    for _ in range(5):
        await answered(memory, new_session_id())

    assert await memory.async_sessions("acme", "bob") == (of_bob,)


async def test_an_evicted_session_loses_its_personal_data(
    redis_client: Redis, store: Store
) -> None:
    now = 1000.0
    memory = RedisMemory(store, MemorySettings(max_begun=1), CIPHER, clock=lambda: now)
    old, new = new_session_id(), new_session_id()
    await redis_client.hset(vault_key("acme", "ann", old), "p:<EMAIL_1>", "sealed")
    await answered(memory, old)
    now += 1

    await answered(memory, new)

    names = [key.decode() for key in await redis_client.keys("*")]
    assert not any(old in name for name in names)
    assert len(names) == 2


async def test_a_single_use_session_can_be_deleted(redis_client: Redis, store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(), CIPHER)
    session_id = new_session_id()
    await answered(memory, session_id)

    assert await memory.async_delete("acme", "ann", session_id)

    assert await redis_client.keys("*") == []


async def test_a_held_session_keeps_its_turns_and_personal_data(
    redis_client: Redis, store: Store
) -> None:
    memory = RedisMemory(store, MemorySettings(max_begun=2), CIPHER)
    waiting = new_session_id()
    await redis_client.hset(vault_key("acme", "ann", waiting), "p:<EMAIL_1>", "sealed")
    await answered(memory, waiting)

    memory.hold("acme", "ann", waiting)
    for _ in range(5):
        await answered(memory, new_session_id())

    assert await remembered(memory, waiting)
    assert await redis_client.exists(vault_key("acme", "ann", waiting))
    assert (await memory.async_sessions("acme", "ann"))[-1] == waiting
    assert len(await memory.async_sessions("acme", "ann")) == 3
    assert await memory.async_delete("acme", "ann", waiting)
    assert waiting not in await memory.async_sessions("acme", "ann")


async def test_holding_does_not_create_a_session(store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(), CIPHER)

    memory.hold("acme", "ann", new_session_id())
    await store.flush()

    assert await memory.async_sessions("acme", "ann") == ()
