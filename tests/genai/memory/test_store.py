import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from genai.errors import BackendFailed, StoreUnavailable
from genai.memory.connection import connect
from genai.memory.failure_detector import STRIKES, NotSent
from genai.memory.store import Command, Script, Store
from genai.settings.state import RedisSettings
from tests.support.far_redis import FarRedis, far_redis
from tests.support.redis_server import RedisServer

ADD = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
SET = Script("return redis.call('SET', KEYS[1], ARGV[1])", repeatable=True)
ADD_ONCE = Script(
    "if redis.call('SETNX', KEYS[2], 1) == 1 then redis.call('INCRBY', KEYS[1], 1) end return 1",
    repeatable=True,
)

COUNT_FOR_A_WHILE = """
local function at() local now = redis.call('TIME') return now[1] * 1e6 + now[2] end
local until_us = at() + 300000
while at() < until_us do end
"""


@contextmanager
def frozen(server: RedisServer) -> Iterator[None]:
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def commands_processed(info: dict[str, object]) -> int:
    return int(str(info["total_reads_processed"]))


async def test_a_script_is_loaded_when_the_server_does_not_know_it(
    redis_client: Redis, store: Store
) -> None:
    await store.run(ADD(["n"], [1], int))
    await redis_client.script_flush()

    assert await store.run(ADD(["n"], [1], int)) == 2


async def test_queued_commands_share_round_trips(redis_client: Redis, store: Store) -> None:
    await store.run(ADD(["n"], [1], int))
    before = commands_processed(await redis_client.info("stats"))

    results = await asyncio.gather(*(store.run(ADD(["n"], [1], int)) for _ in range(50)))

    after = commands_processed(await redis_client.info("stats"))
    assert sorted(results) == list(range(2, 52))
    assert after - before < 10


async def test_a_refused_command_does_not_affect_others(store: Store) -> None:
    wrong = Command(("NOSUCHCOMMAND",), int)

    refused, added = await asyncio.gather(
        store.run(wrong), store.run(ADD(["n"], [1], int)), return_exceptions=True
    )

    assert isinstance(refused, BackendFailed)
    assert added == 1


async def test_a_posted_command_runs_without_being_awaited(
    redis_client: Redis, store: Store
) -> None:
    store.post(ADD(["n"], [5], int))
    await store.flush()

    assert await redis_client.get("n") == b"5"


async def test_only_the_first_command_waits_for_a_frozen_server(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(), timeout_s=0.2, cool_down_s=60)
    await store.ping()

    with frozen(own_redis):
        for _ in range(20):
            with pytest.raises(BackendFailed, match="unavailable"):
                await store.run(ADD(["n"], [1], int))
        started = time.monotonic()
        for _ in range(100):
            with pytest.raises(BackendFailed):
                await store.run(ADD(["n"], [1], int))
        refused_in = time.monotonic() - started
    await store.close()

    assert refused_in < 5.0


async def waits_while_busy(redis: RedisServer) -> bool:
    client, store = redis.client(), Store(redis.client(), timeout_s=0.1)
    await store.ping()
    began = time.monotonic()
    busy = asyncio.create_task(client.eval(COUNT_FOR_A_WHILE, 0))
    await asyncio.sleep(0.01)
    try:
        await store.ping()
        return time.monotonic() - began > 0.2
    except StoreUnavailable:
        return False
    finally:
        await busy
        await asyncio.gather(store.close(), client.aclose())


async def test_a_busy_server_gets_more_time(own_redis: RedisServer) -> None:
    """As if it lacks CPU time. A look at the process may find it waiting for a page of memory, so once in
    several tries is enough.
    """
    assert any([await waits_while_busy(own_redis) for _ in range(5)])


@asynccontextmanager
async def breaking(directory: Path, times: int) -> AsyncIterator[tuple[Store, list[bytes]]]:
    """A store whose server disconnects on some commands and answers the others with 7; and what it
    received.
    """
    heard: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            if others := said.count(b"SETINFO") + said.count(b"PING"):
                writer.write(b"+OK\r\n" * others)
                continue
            heard.append(said)
            if len(heard) <= times:
                break
            writer.write(b"$1\r\n7\r\n")
        writer.close()

    socket = directory / "breaking.sock"
    async with await asyncio.start_unix_server(connected, socket):
        store = Store(connect(RedisSettings(embedded_socket=str(socket)), {}))
        yield store, heard
        await store.close()
        await asyncio.sleep(0.01)  # the server hears of it


GET = Command(("GET", "n"), int)


@pytest.mark.parametrize(
    "read", [GET, Script("return redis.call('GET', 'n')", reads=True)([], [], int)]
)
async def test_a_read_is_retried_when_its_connection_is_lost(
    tmp_path: Path, read: Command[int]
) -> None:
    async with breaking(tmp_path, 1) as (store, heard):
        assert await store.run(read) == 7

        assert heard[0] == heard[1]


@pytest.mark.parametrize(("times", "command"), [(1, ADD(["n"], [1], int)), (2, GET)])
async def test_writes_are_not_retried_and_reads_only_once(
    tmp_path: Path, times: int, command: Command[int]
) -> None:
    async with breaking(tmp_path, times) as (store, heard):
        with pytest.raises(BackendFailed):
            await store.run(command)

        assert len(heard) == times


async def test_a_late_reply_fails_only_its_own_commands(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(), timeout_s=0.2, cool_down_s=60)
    await store.ping()
    with frozen(own_redis):
        early = [asyncio.create_task(store.run(ADD(["n"], [1], int))) for _ in range(16)]
        await asyncio.sleep(0.15)
        late = [asyncio.create_task(store.run(ADD(["n"], [1], int))) for _ in range(16)]
        failed = await asyncio.gather(*early, return_exceptions=True)
        await asyncio.sleep(0.05)
    served = await asyncio.gather(*late)
    await store.close()

    assert all(isinstance(error, BackendFailed) for error in failed)
    assert len(served) == 16


async def test_commands_succeed_as_soon_as_redis_is_back(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(), timeout_s=0.2, cool_down_s=60)
    await store.ping()
    with frozen(own_redis):
        for _ in range(STRIKES):
            with pytest.raises(BackendFailed):
                await store.ping()
        with pytest.raises(NotSent):
            await store.ping()
    await asyncio.sleep(0.1)

    await asyncio.gather(*(store.ping() for _ in range(16)))
    await store.close()


async def test_the_store_recovers_after_a_restart(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0)
    await store.ping()
    own_redis.kill()

    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            with pytest.raises(BackendFailed):
                await store.ping()
        own_redis.start()
        await store.ping()
    await store.close()

    assert [r.message for r in caplog.records] == ["redis does not answer", "redis answers again"]


async def test_repeatable_posts_are_retried_after_an_outage(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0)
    own_redis.kill()
    for i in range(300):
        store.post(ADD_ONCE(["n", f"done{i}"], [], int))
    await store.flush()
    own_redis.start()

    await store.ping()
    await store.flush()
    n = await store.run(Command(("GET", "n"), int))
    await store.close()

    assert n == 300


async def test_posts_are_retried_after_an_outage_without_new_commands(
    own_redis: RedisServer,
) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0.01)
    own_redis.kill()
    store.post(ADD_ONCE(["n", "done"], [], int))
    await store.flush()
    own_redis.start()

    other = Store(own_redis.client(5.0), timeout_s=5.0)
    n = Command(("GET", "n"), bool)
    while not await other.run(n):
        pass
    await asyncio.gather(store.close(), other.close())


async def test_retries_pause_while_redis_refuses_writes(
    own_redis: RedisServer,
) -> None:
    store, other = Store(own_redis.client(5.0), timeout_s=5.0), own_redis.client(5.0)
    await store.ping()
    await other.config_set("maxmemory", 1)
    for number in range(300):
        store.post(SET([f"owed{number}"], [1], bytes))
    await store.flush()
    before = (await other.info("stats"))["total_commands_processed"]
    await asyncio.sleep(1.0)
    asked = (await other.info("stats"))["total_commands_processed"] - before
    await other.config_set("maxmemory", 0)

    assert asked < 2_000
    async with asyncio.timeout(20):
        while await other.dbsize() < 300:  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.05)
    await asyncio.gather(store.close(), other.aclose())


async def test_commands_of_callers_that_left_are_not_sent(store: Store) -> None:
    leaver = asyncio.create_task(store.run(ADD(["n"], [1], int)))
    await asyncio.sleep(0)
    leaver.cancel()

    assert await store.run(ADD(["n"], [1], int)) == 1


@asynccontextmanager
async def far_store(own_redis: RedisServer) -> AsyncIterator[tuple[FarRedis, Store]]:
    """A store with a distant Redis, after its first replies."""
    async with far_redis(own_redis.socket) as far:
        far.late_s = 0.05
        store = Store(connect(RedisSettings(), {"REDIS_URL": far.url}), timeout_s=0.2)
        await store.ping()
        await asyncio.sleep(0.2)
        yield far, store
        await store.close()


async def test_a_distant_redis_serves_concurrent_callers(own_redis: RedisServer) -> None:
    async with far_store(own_redis) as (far, store):
        far.late_s = 0.09
        for _ in range(3):
            await store.run(ADD(["n"], [1], int))
        results = []
        for _ in range(10):
            results.append(asyncio.create_task(store.run(ADD(["n"], [1], int))))
            await asyncio.sleep(0.02)

        assert [await result for result in results] == list(range(4, 14))


async def test_a_connection_is_reused_after_late_replies(own_redis: RedisServer) -> None:
    async with far_store(own_redis) as (far, store):
        before = far.connections
        far.late_s = 0.3
        with pytest.raises(StoreUnavailable):
            await store.ping()
        await asyncio.sleep(0.5)
        far.late_s = 0.0
        await store.flush()
        await store.ping()

        assert far.connections == before


async def test_writes_that_a_closing_store_still_owes_are_in_the_log(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    own_redis.kill()
    store.post(SET(["k"], [1], bytes))
    await store.flush()
    await store.close()

    assert [record.message for record in caplog.records][-1] == "writes to redis were lost"


class NeverConnecting(Store):
    """Connections opened in advance never complete."""

    opening: asyncio.Task[None] | None = None

    async def _widen(self) -> None:
        self.opening = asyncio.current_task()
        await asyncio.Event().wait()


async def test_closing_the_store_ends_connections_that_are_being_opened(
    own_redis: RedisServer,
) -> None:
    async with far_redis(own_redis.socket) as far:
        far.late_s = 0.05
        store = NeverConnecting(connect(RedisSettings(), {"REDIS_URL": far.url}), timeout_s=0.2)
        await store.ping()
        await asyncio.sleep(0)
        far.deaf = True
        with pytest.raises(StoreUnavailable):
            await store.ping()
        await store.close()

    assert store.opening is not None
    assert store.opening.done()


async def test_a_suspected_distant_redis_gets_its_usual_response_time(
    own_redis: RedisServer,
) -> None:
    async with far_store(own_redis) as (far, store):
        far.late_s = 0.07
        for _ in range(20):
            await store.ping()
        far.late_s = 0.9
        spike = asyncio.create_task(store.ping())
        await asyncio.sleep(0.05)
        far.late_s = 0.07
        with pytest.raises(StoreUnavailable):
            await spike

        await store.ping()


async def test_late_answers_do_not_count_as_recovery(own_redis: RedisServer) -> None:
    async with far_store(own_redis) as (far, store):
        far.late_s = 0.25
        for _ in range(STRIKES):
            with pytest.raises(StoreUnavailable):
                await store.ping()
        await asyncio.sleep(0.6)
        with pytest.raises(StoreUnavailable):  # one per cool-down is sent
            await store.ping()
        with pytest.raises(NotSent):
            await store.ping()
        far.late_s = 0.0
        await asyncio.sleep(0.6)

        await store.ping()


async def test_posts_to_a_slow_redis_are_written_once(own_redis: RedisServer) -> None:
    async with far_store(own_redis) as (far, store):
        far.late_s = 0.25
        for _ in range(20):
            store.post(ADD(["n"], [1], int))
        await store.flush()
        far.late_s = 0.0

        assert await store.run(Command(("GET", "n"), int)) == 20
