import asyncio

from redis.asyncio import Redis

from genai.access.erasure import Erasure, Receipt, Records, RedisFile, Sessions
from genai.access.keys import Keys
from genai.errors import BackendFailed
from genai.memory.cipher import Cipher
from genai.memory.redis import RedisMemory
from genai.memory.store import Store
from genai.messages import Turn
from genai.settings.state import MemorySettings
from tests.support.redis_server import RedisServer

SAID = [Turn(role="user", content="my card is lost")]


def memory_of(store: Store, ttl_s: int = 3600) -> RedisMemory:
    return RedisMemory(store, MemorySettings(ttl_s=ttl_s), Cipher(bytes(32)))


async def erased(store: Store, user: str) -> Receipt:
    parts = (Records(store, Keys(store)), Sessions(memory_of(store)))
    return await Erasure(parts).async_erase("acme", user)


async def test_sessions_with_old_and_new_names_are_erased_and_counted_once(
    redis_client: Redis, store: Store
) -> None:
    memory = memory_of(store)
    await memory.async_store("acme", "ann", "holiday", SAID)
    await memory.async_store("acme", "bob", "holiday", SAID)
    await redis_client.rpush("{acme}|turns|ann|kept-by-its-name", "5 {}")
    await redis_client.zadd("{acme}|sessions|ann", {"kept-by-its-name": 4e9})

    receipt = await erased(store, "ann")

    assert receipt.removed["sessions"] == 2
    assert not [key for key in await redis_client.keys("*|ann*") if b"turns" in key]
    assert await memory.async_retrieve("acme", "bob", "holiday", max_tokens=99)


async def test_the_append_only_file_is_rewritten(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    await Keys(store).async_create("acme", "zelda")
    await memory_of(store).async_store("acme", "zelda", "holiday", SAID)
    (file,) = own_redis.directory.glob("*.aof")
    before = b"zelda" in file.read_bytes()
    await RedisFile(store).async_erase("acme", "nobody")
    parts = (Records(store, Keys(store)), Sessions(memory_of(store)), RedisFile(store))
    await Erasure(parts).async_erase("acme", "zelda")

    async with asyncio.timeout(10):
        while b"zelda" in file.read_bytes():  # noqa: ASYNC110 - Redis tells nobody that it is done
            await asyncio.sleep(0.05)
    await store.close()
    assert before


async def test_a_refused_rewrite_of_the_file_is_no_failure() -> None:
    await RedisFile(Refusing(), pause_s=0.0).async_erase("acme", "zelda")  # type: ignore[arg-type]


class Refusing:
    async def run(self, command: object) -> None:
        raise BackendFailed("the session store refused a command", False)


async def test_sessions_missing_from_the_index_are_erased(
    redis_client: Redis, store: Store
) -> None:
    await memory_of(store).async_store("acme", "ann", "long", SAID)
    await redis_client.delete("{acme}|sessions|ann")

    receipt = await erased(store, "ann")

    assert receipt.removed["sessions"] == 1
    assert await redis_client.keys("*|ann*") == []


async def test_the_limits_of_a_persons_session_are_found_in_the_same_pass_as_its_turns(
    redis_client: Redis, store: Store
) -> None:
    await redis_client.rpush("{acme}|turns|ann|s1", "5 {}")
    await redis_client.rpush("{acme}|turns|bob|s2", "5 {}")
    for session in ("s1", "s2"):
        await redis_client.set(f"{{acme}}|limit|requests|session|{session}", 1)
    before = await scans(redis_client)

    receipt = await erased(store, "ann")

    assert receipt.removed["rate_limits"] == 1
    assert await redis_client.exists("{acme}|limit|requests|session|s2")
    assert await scans(redis_client) == before + 1


async def scans(redis: Redis) -> int:
    statistics = await redis.info("commandstats")
    return int(statistics.get("cmdstat_scan", {"calls": 0})["calls"])
