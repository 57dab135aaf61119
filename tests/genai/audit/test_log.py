import asyncio
import json

import pytest
from redis.asyncio import Redis

from genai.audit.chain import Decision, Head, Seal
from genai.audit.log import AuditLog, AuditTrail
from genai.errors import (
    BudgetExceeded,
    ContentRefused,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
)
from genai.memory.store import Store
from tests.support.redis_server import RedisServer

LOG = "{acme}|audit"


def decided(number: int) -> Decision:
    return Decision(action="key.create", actor="k1", target=f"k{number}")


@pytest.fixture
def log(store: Store) -> AuditLog:
    return AuditLog(store, Seal(b"secret"))


async def test_decisions_are_kept_in_their_order(log: AuditLog) -> None:
    await log.async_append("acme", decided(1), decided(2))
    await log.async_append("acme", decided(3))
    await log.async_append("other", decided(4))

    entries = await log.async_read("acme", after=0, limit=10)
    rest = await log.async_read("acme", after=2, limit=10)

    assert [entry.decision.target for entry in entries] == ["k1", "k2", "k3"]
    assert [entry.number for entry in rest] == [3]
    assert (await log.async_verify("acme")).broken_at is None


async def test_many_writers_make_one_chain(store: Store) -> None:
    writers = [AuditLog(store, Seal(b"secret")) for _ in range(6)]

    async def write(writer: AuditLog, number: int) -> None:
        for _ in range(10):
            await writer.async_append("acme", decided(number))

    await asyncio.gather(*(write(writer, n) for n, writer in enumerate(writers)))

    verdict = await writers[0].async_verify("acme")
    assert (verdict.broken_at, verdict.head.number) == (None, 60)


async def test_an_empty_log_is_whole(log: AuditLog) -> None:
    assert (await log.async_verify("acme")).head == Head()


@pytest.mark.parametrize(
    ("tamper", "broken_at"),
    [
        (("LSET", LOG, 1, "changed"), 2),
        (("LTRIM", LOG, 1, -1), 1),
        (("RPOP", LOG), 5),
        (("DEL", LOG), 1),
        (("LMOVE", LOG, LOG, "LEFT", "RIGHT"), 1),
        (("RPUSH", LOG, "{}"), 6),
    ],
)
async def test_tampering_in_redis_is_found(
    redis_client: Redis, log: AuditLog, tamper: tuple[str | int, ...], broken_at: int | None
) -> None:
    for number in range(5):
        await log.async_append("acme", decided(number))

    await redis_client.execute_command(*tamper)

    assert (await log.async_verify("acme")).broken_at == broken_at


async def test_an_entry_that_is_changed_inside_is_found(redis_client: Redis, log: AuditLog) -> None:
    for number in range(5):
        await log.async_append("acme", decided(number))
    entry = json.loads(await redis_client.lindex(LOG, 2))
    entry["decision"]["actor"] = "k2"

    await redis_client.lset(LOG, 2, json.dumps(entry))

    assert (await log.async_verify("acme")).broken_at == 3


async def test_what_nobody_appended_is_not_shown_after_the_end(
    redis_client: Redis, log: AuditLog
) -> None:
    await log.async_append("acme", decided(1))
    await redis_client.rpush(LOG, "not an entry")

    assert len(await log.async_read("acme", after=0, limit=10)) == 1


async def test_refusals_are_written_beside_the_requests(log: AuditLog) -> None:
    trail = AuditTrail(log)
    trail.pause_s = 0.0
    for error in (
        ContentRefused("no", "injection.override"),
        Forbidden("no"),
        BudgetExceeded("no", 1.0),
        InvalidInput("no decision"),
        NotFound("no decision"),
    ):
        trail.refused("acme", "k1", "generate", "r1", error)
    for _ in range(50):
        trail.refused("acme", "k1", "generate", "r2", RateLimited("no", 1.0))

    await trail.async_close()

    entries = await log.async_read("acme", after=0, limit=100)
    shown = {entry.decision.action: entry.decision for entry in entries}
    assert set(shown) == {
        "refuse.content_refused",
        "refuse.forbidden",
        "refuse.budget_exceeded",
        "refuse.rate_limited",
    }
    assert shown["refuse.content_refused"].reason == "injection.override"
    assert shown["refuse.forbidden"].request_id == "r1"
    limited = [e.decision.count for e in entries if e.decision.action == "refuse.rate_limited"]
    assert sum(limited) == 50
    assert len(limited) <= 2


async def test_refusals_during_an_outage_are_written_after_it(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0)
    log = AuditLog(store, Seal())
    trail = AuditTrail(log)
    trail.pause_s = 0.0
    own_redis.kill()
    trail.refused("acme", "k1", "generate", "r1", Forbidden("no"))
    await trail.async_drain()
    own_redis.start()

    trail.refused("acme", "k1", "generate", "r2", Forbidden("no"))
    await trail.async_close()

    entries = await log.async_read("acme", after=0, limit=10)
    assert [entry.decision.request_id for entry in entries] == ["r1", "r2"]
    await store.close()
