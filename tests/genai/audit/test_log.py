import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from genai.audit.chain import LOST, SEALED, AuditedDecision, Entry, Head, Seal
from genai.audit.log import AuditLog, AuditTrail
from genai.errors import (
    BackendFailed,
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


def decided(number: int) -> AuditedDecision:
    return AuditedDecision(action="key.create", actor="k1", target=f"k{number}")


@pytest.fixture
def log(store: Store) -> AuditLog:
    return AuditLog(store, Seal(b"secret"))


async def test_decisions_are_read_in_the_order_of_appending(log: AuditLog) -> None:
    await log.async_append("acme", decided(1), decided(2))
    await log.async_append("acme", decided(3))
    await log.async_append("other", decided(4))

    entries = await log.async_read("acme", after=0, limit=10)
    rest = await log.async_read("acme", after=2, limit=10)

    assert [entry.decision.target for entry in entries] == ["k1", "k2", "k3"]
    assert [entry.number for entry in rest] == [3]
    assert (await log.async_verify("acme")).broken_at is None


async def test_concurrent_writers_make_one_chain(store: Store) -> None:
    writers = [AuditLog(store, Seal(b"secret")) for _ in range(6)]

    async def write(writer: AuditLog, number: int) -> None:
        for _ in range(10):
            await writer.async_append("acme", decided(number))

    await asyncio.gather(*(write(writer, n) for n, writer in enumerate(writers)))

    verdict = await writers[0].async_verify("acme")
    assert (verdict.broken_at, verdict.head.number) == (None, 60)


async def test_an_empty_log_is_valid(log: AuditLog) -> None:
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


async def test_a_changed_field_of_an_entry_is_found(redis_client: Redis, log: AuditLog) -> None:
    for number in range(5):
        await log.async_append("acme", decided(number))
    entry = json.loads(await redis_client.lindex(LOG, 2))
    entry["decision"]["actor"] = "k2"

    await redis_client.lset(LOG, 2, json.dumps(entry))

    assert (await log.async_verify("acme")).broken_at == 3


HEAD = f"{LOG}|head"


async def written(log: AuditLog, redis: Redis, tenant: str = "acme") -> list[Entry]:
    for number in range(5):
        await log.async_append(tenant, decided(number))
    return list(await log.async_read(tenant, after=0, limit=10))


async def cut(log: AuditLog, redis: Redis) -> None:
    """Remove the last two entries, and put the end there."""
    entries = await written(log, redis)
    await redis.ltrim(LOG, 0, 2)
    await redis.set(HEAD, f"3 {entries[2].digest}")


async def cut_under_the_old_seal(log: AuditLog, redis: Redis) -> None:
    entries = await written(log, redis)
    sealed = (await redis.get(HEAD)).decode().rpartition(" ")[2]
    await redis.ltrim(LOG, 0, 2)
    await redis.set(HEAD, f"3 {entries[2].digest} {sealed}")


async def made_anew_without_the_secret(log: AuditLog, redis: Redis) -> None:
    await written(log, redis)
    await redis.delete(LOG, HEAD)
    head = Head()
    for number in range(7, 9):
        entry = Seal().next_entry(decided(number), 1.0, head)
        head = Head(number=entry.number, digest=entry.digest)
        await redis.rpush(LOG, entry.model_dump_json())
    await redis.set(HEAD, f"{head.number} {head.digest} ")


async def replaced_by_that_of_another_tenant(log: AuditLog, redis: Redis) -> None:
    await written(log, redis)
    await written(log, redis, "rival")
    await log.async_append("rival", decided(6))
    for theirs, ours in (("{rival}|audit", LOG), ("{rival}|audit|head", HEAD)):
        await redis.copy(theirs, ours, replace=True)


async def put_back(log: AuditLog, redis: Redis) -> None:
    """To an end that it once had."""
    await written(log, redis)
    seen = await redis.get(HEAD)
    await log.async_append("acme", decided(6))
    await redis.ltrim(LOG, 0, 4)
    await redis.set(HEAD, seen)


replacements = pytest.mark.parametrize(
    "replaced",
    [
        cut,
        cut_under_the_old_seal,
        made_anew_without_the_secret,
        replaced_by_that_of_another_tenant,
    ],
)


@replacements
async def test_a_log_replaced_together_with_its_head_is_found(
    redis_client: Redis, log: AuditLog, replaced: Callable[[AuditLog, Redis], Awaitable[None]]
) -> None:
    await replaced(log, redis_client)

    assert (await log.async_verify("acme")).broken_at is not None


@replacements
async def test_appending_to_a_replaced_log_does_not_make_it_valid(
    redis_client: Redis,
    store: Store,
    log: AuditLog,
    replaced: Callable[[AuditLog, Redis], Awaitable[None]],
) -> None:
    await replaced(log, redis_client)
    fresh = AuditLog(store, Seal(b"secret"))
    await fresh.async_append("acme", decided(9))

    verdict = await fresh.async_verify("acme")
    assert verdict.broken_at is not None or verdict.unsealed


@pytest.mark.parametrize("replaced", [cut, made_anew_without_the_secret, put_back])
async def test_a_process_that_knows_a_later_head_records_the_loss(
    redis_client: Redis, log: AuditLog, replaced: Callable[[AuditLog, Redis], Awaitable[None]]
) -> None:
    await replaced(log, redis_client)
    await log.async_append("acme", decided(9))

    actions = [e.decision.action for e in await log.async_read("acme", after=0, limit=99)]
    assert actions[-2:] == [LOST, "key.create"]
    assert (await log.async_verify("acme")).broken_at == len(actions) - 1


async def test_entries_of_other_writers_are_no_loss(store: Store) -> None:
    writers = [AuditLog(store, Seal(b"secret")) for _ in range(3)]
    for number in range(12):
        await writers[number % 3].async_append("acme", decided(number))
    await AuditLog(store, Seal(b"secret")).async_append("acme", decided(12))

    assert (await writers[0].async_verify("acme")).head.number == 13


async def test_a_secret_set_later_seals_the_following_entries(store: Store) -> None:
    await AuditLog(store, Seal()).async_append("acme", decided(1))
    log = AuditLog(store, Seal(b"secret"))
    assert (await log.async_verify("acme")).broken_at == 1, "anybody could have made it"
    await log.async_append("acme", decided(2))

    entries = await log.async_read("acme", after=0, limit=9)
    verdict = await log.async_verify("acme")
    assert [entry.decision.action for entry in entries][1:] == [SEALED, "key.create"]
    assert (verdict.broken_at, verdict.unsealed) == (None, 1)


@pytest.mark.parametrize(
    "retouched",
    [
        lambda line: line.replace(b'"actor":"k1"', b'"actor":"k9","actor":"k1"'),
        lambda line: line.replace(b":", b": ", 1),
        lambda line: line.replace(b'"number":3', b'"number":"3"'),
    ],
)
async def test_an_entry_with_the_same_content_in_another_form_is_found(
    redis_client: Redis, log: AuditLog, retouched: Callable[[bytes], bytes]
) -> None:
    await written(log, redis_client)
    line = await redis_client.lindex(LOG, 2)
    assert retouched(line) != line
    await redis_client.lset(LOG, 2, retouched(line))

    assert (await log.async_verify("acme")).broken_at == 3


@pytest.mark.parametrize("end", ["x", "-1 hmac:0", "²"])
async def test_a_malformed_head_is_an_error(redis_client: Redis, log: AuditLog, end: str) -> None:
    await written(log, redis_client)
    await redis_client.set(HEAD, end)

    with pytest.raises(BackendFailed, match="cannot be read") as unreadable:
        await log.async_verify("acme")
    assert not unreadable.value.retryable
    with pytest.raises(BackendFailed, match="cannot be read"):
        await AuditLog(log._store, Seal(b"secret")).async_append("acme", decided(9))


@pytest.mark.parametrize("end", ["", "9" * 30])
async def test_a_moved_head_is_found(redis_client: Redis, log: AuditLog, end: str) -> None:
    await written(log, redis_client)
    await redis_client.set(HEAD, end)

    assert (await log.async_verify("acme")).broken_at in (1, 6)


async def test_unreadable_entries_are_not_returned(redis_client: Redis, log: AuditLog) -> None:
    await log.async_append("acme", decided(1))
    await redis_client.rpush(LOG, "not an entry")

    assert len(await log.async_read("acme", after=0, limit=10)) == 1


async def test_refusals_are_written_in_the_background(log: AuditLog) -> None:
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
