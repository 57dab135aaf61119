import asyncio
import os
import signal

import pytest
from redis.asyncio import Redis

from genai.access.idempotency import (
    AnswerNotKept,
    Claim,
    Idempotency,
    KeyReused,
    Outcome,
    StoredReply,
)
from genai.access.principal import Principal
from genai.access.recording import RECORDED_BYTES
from genai.access.running_reply import RunningReply
from genai.errors import BackendFailed, Conflict, TryLater
from genai.memory.cipher import Cipher
from genai.memory.store import Store
from tests.support.overtaken_store import OvertakenStore, RepliesLost
from tests.support.redis_server import RedisServer

ANN = Principal(key_id="k1", tenant="acme", user="ann")
CIPHER = Cipher(bytes(32))
REPLY = StoredReply(status=200, body=b'{"answer": "\xff"}')


async def claim(
    idempotency: Idempotency,
    principal: Principal = ANN,
    *,
    route: str = "generate",
    payload: bytes = b"{}",
    wait_s: float = 0.0,
) -> Outcome:
    return await idempotency.async_claim(
        principal, route=route, key="a|b", payload=payload, wait_s=wait_s
    )


async def claimed(idempotency: Idempotency) -> Claim:
    outcome = await claim(idempotency)
    assert isinstance(outcome, Claim)
    return outcome


async def test_a_finished_request_gets_its_stored_reply_and_does_not_run(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER)

    await (await claimed(idempotency)).async_finish(REPLY)

    assert await claim(idempotency) == REPLY
    assert await claim(Idempotency(store, CIPHER)) == REPLY


async def test_a_running_request_is_a_conflict(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER)
    running = await claimed(idempotency)

    with pytest.raises(Conflict):
        await claim(idempotency)
    await running.async_abandon()


async def test_a_request_that_waits_gets_the_reply_of_the_running_one(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER)
    running = await claimed(idempotency)
    joining = asyncio.create_task(claim(idempotency, wait_s=5))
    await asyncio.sleep(0)

    await running.async_finish(REPLY)

    assert await joining == REPLY


async def test_another_payload_is_refused_before_and_after(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER)
    running = await claimed(idempotency)
    with pytest.raises(KeyReused):
        await claim(idempotency, payload=b"other")

    await running.async_finish(REPLY)

    with pytest.raises(KeyReused) as refused:
        await claim(idempotency, payload=b"other")
    assert refused.value.status == 422


async def test_an_abandoned_request_may_be_tried_again(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER)

    await (await claimed(idempotency)).async_abandon()

    again = await claim(idempotency, payload=b"other")
    assert isinstance(again, Claim)
    await again.async_abandon()


async def test_one_of_many_concurrent_requests_runs_and_all_get_its_reply(store: Store) -> None:
    executions = 0

    async def request() -> StoredReply:
        nonlocal executions
        outcome = await claim(Idempotency(store, CIPHER), wait_s=10)
        if isinstance(outcome, StoredReply):
            return outcome
        executions += 1
        await asyncio.sleep(0.02)
        await outcome.async_finish(REPLY)
        return REPLY

    replies = await asyncio.gather(*(request() for _ in range(100)))

    assert executions == 1
    assert replies == [REPLY] * 100


async def test_users_routes_and_tenants_do_not_share_keys(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER)
    await (await claimed(idempotency)).async_finish(REPLY)

    others = [
        await claim(idempotency, ANN.model_copy(update={"tenant": "other"})),
        await claim(idempotency, ANN.model_copy(update={"user": "bob"})),
        await claim(idempotency, route="chat"),
    ]

    for other in others:
        assert isinstance(other, Claim)
        await other.async_abandon()


async def test_the_claim_of_a_dead_process_is_taken_over_once(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER, lease_s=0.05)
    dead = await claimed(idempotency)
    dead._renewing.cancel()

    outcomes = await asyncio.gather(
        *(claim(Idempotency(store, CIPHER), wait_s=0.3) for _ in range(10)), return_exceptions=True
    )
    takers = [outcome for outcome in outcomes if isinstance(outcome, Claim)]
    await dead.async_finish(StoredReply(status=500, body=b"late"))
    await takers[0].async_finish(REPLY)

    assert len(takers) == 1
    assert await claim(idempotency) == REPLY


async def test_a_long_request_keeps_its_claim(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER, lease_s=0.3)
    running = await claimed(idempotency)

    with pytest.raises(Conflict):
        await claim(idempotency, wait_s=0.9)
    await running.async_abandon()


async def test_replies_are_forgotten_after_a_day(redis_client: Redis, store: Store) -> None:
    await (await claimed(Idempotency(store, CIPHER))).async_finish(REPLY)

    (key,) = await redis_client.keys("{acme}|idempotency|*")

    assert 86_000 < await redis_client.ttl(key) <= 86_400


async def test_a_reply_that_could_not_be_stored_is_stored_later(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0)
    idempotency = Idempotency(store, CIPHER)
    running = await claimed(idempotency)
    own_redis.kill()
    await running.async_finish(REPLY)
    with pytest.raises(TryLater):
        await claim(idempotency)
    own_redis.start()
    await store.ping()

    assert await claim(idempotency) == REPLY
    await store.close()


async def test_a_takeover_gets_the_permit_of_the_dead_process(store: Store) -> None:
    idempotency = Idempotency(store, CIPHER, lease_s=0.05)
    dead = await claimed(idempotency)
    dead.note_permit("p1")
    dead._renewing.cancel()

    taker = await claim(Idempotency(store, CIPHER), wait_s=1.0)

    assert isinstance(taker, Claim)
    assert taker.abandoned_permit == "p1"
    await taker.async_abandon()
    fresh = await claimed(Idempotency(store, CIPHER))
    assert fresh.abandoned_permit == ""
    await fresh.async_abandon()


async def withdrawn(redis: Redis, way: type[Store]) -> None:
    """Claim, and give up waiting. Redis hears of the claim before that, or only then."""
    late = way(redis)
    with pytest.raises(TryLater):
        await claim(Idempotency(late, CIPHER))
    await late.flush()
    if isinstance(late, OvertakenStore):
        assert late.under_way is not None
        await Store.run(late, late.under_way)


ways = pytest.mark.parametrize("way", [OvertakenStore, RepliesLost])


@ways
async def test_a_withdrawn_claim_claims_nothing(
    redis_client: Redis, store: Store, way: type[Store]
) -> None:
    await withdrawn(redis_client, way)

    taken = await claim(Idempotency(store, CIPHER), payload=b"corrected")

    assert isinstance(taken, Claim)
    await taken.async_abandon()


@ways
async def test_a_withdrawn_claim_keeps_the_permit_of_a_dead_process(
    redis_client: Redis, store: Store, way: type[Store]
) -> None:
    dead = await claimed(Idempotency(store, CIPHER, lease_s=0.05))
    dead.note_permit("p1")
    dead._renewing.cancel()
    await asyncio.sleep(0.1)
    await withdrawn(redis_client, way)

    with pytest.raises(KeyReused):
        await claim(Idempotency(store, CIPHER), payload=b"other")
    taker = await claimed(Idempotency(store, CIPHER))

    assert taker.abandoned_permit == "p1"
    await taker.async_abandon()


async def test_a_request_cancelled_while_claiming_has_no_claim(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    await store.ping()
    os.kill(own_redis.process.pid, signal.SIGSTOP)
    leaving = asyncio.create_task(claim(Idempotency(store, CIPHER)))
    await asyncio.sleep(0.05)
    leaving.cancel()
    os.kill(own_redis.process.pid, signal.SIGCONT)
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await store.flush()

    await (await claimed(Idempotency(store, CIPHER))).async_abandon()
    await store.close()


async def test_status_and_media_type_of_a_reply_are_kept(store: Store) -> None:
    events = StoredReply(status=200, body=b"data: x", media_type="text/event-stream")

    await (await claimed(Idempotency(store, CIPHER))).async_finish(events)

    assert await claim(Idempotency(store, CIPHER)) == events


EVENTS = "text/event-stream"


async def streaming(store: Store, *blocks: bytes) -> Claim:
    running = await claimed(Idempotency(store, CIPHER))
    running.record(EVENTS)
    for block in blocks:
        running.add(block)
    return running


async def joined(store: Store) -> RunningReply:
    outcome = await claim(Idempotency(store, CIPHER), wait_s=60)
    assert isinstance(outcome, RunningReply)
    return outcome


async def test_a_stream_is_joined_from_its_beginning_while_it_is_made(store: Store) -> None:
    running = await streaming(store, b"a", b"b")
    parts = (await joined(store)).async_parts()

    assert await anext(parts) == b"ab"
    running.add(b"c")
    assert await anext(parts) == b"c"
    running.add(b"d")
    await running.async_finish()
    assert b"".join([part async for part in parts]) == b"d"
    kept = StoredReply(status=200, body=b"abcd", media_type=EVENTS)
    assert await claim(Idempotency(store, CIPHER)) == kept


async def test_a_joined_stream_breaks_when_the_first_fails(store: Store) -> None:
    running = await streaming(store, b"a")
    parts = (await joined(store)).async_parts()
    await anext(parts)

    await running.async_abandon()

    with pytest.raises(BackendFailed):
        await anext(parts)


async def test_two_runs_of_a_request_are_never_mixed(store: Store, redis_client: Redis) -> None:
    dead = await streaming(store, b"one")
    parts = (await joined(store)).async_parts()
    await anext(parts)
    dead._renewing.cancel()
    (name,) = await redis_client.keys("{acme}|idempotency|*")
    await redis_client.hset(name, "until", 0)
    second = await streaming(store, b"two", b"three")
    await second.async_finish()

    with pytest.raises(BackendFailed):
        await anext(parts)


async def test_what_others_wait_for_is_encrypted_and_gone_afterwards(
    store: Store, redis_client: Redis
) -> None:
    running = await streaming(store, b"a secret")
    parts = (await joined(store)).async_parts()
    await anext(parts)
    (name,) = await redis_client.keys("{acme}|idempotency|*")
    published = await redis_client.hgetall(name)
    await running.async_abandon()
    await store.flush()

    assert b"p0" in published
    assert not any(b"secret" in value for value in published.values())
    assert set(await redis_client.hgetall(name)) == {b"claim"}


async def test_nothing_is_published_that_nobody_waits_for(
    store: Store, redis_client: Redis
) -> None:
    running = await streaming(store, b"a")
    (name,) = await redis_client.keys("{acme}|idempotency|*")
    before = await redis_client.hget(name, "until")
    while await redis_client.hget(name, "until") == before:  # noqa: ASYNC110 - until a renewal
        await asyncio.sleep(0.05)
    fields = await redis_client.hkeys(name)
    await running.async_abandon()

    assert b"p0" not in fields


async def test_a_stream_that_is_too_long_is_not_kept_and_does_not_run_again(store: Store) -> None:
    running = await streaming(store, b"x" * RECORDED_BYTES)
    running.add(b"x")
    running.add(b"and more")
    await running.async_finish()

    with pytest.raises(AnswerNotKept):
        await claim(Idempotency(store, CIPHER))


async def test_who_lost_a_claim_is_told(store: Store, redis_client: Redis) -> None:
    running = await streaming(store, b"a")
    lost = asyncio.Event()
    running.when_lost(lost.set)
    await redis_client.flushall()

    await asyncio.wait_for(lost.wait(), 60)
    late = asyncio.Event()
    running.when_lost(late.set)
    assert late.is_set()
