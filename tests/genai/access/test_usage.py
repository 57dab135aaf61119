import asyncio

import pytest
from redis.asyncio import Redis

from genai.access.principal import Principal
from genai.access.usage import UsageLedger, UsageRow
from genai.memory.store import Store
from genai.messages import Bill
from tests.support.redis_server import RedisServer

ANN = Principal(key_id="k1", tenant="acme", user="ann")
BOB = Principal(key_id="k2", tenant="acme", user="bob")
DAY = 86_400.0


def used(model: str) -> Bill:
    return Bill(model=model, prompt_tokens=10, completion_tokens=5, cost_micro_usd=7)


async def test_a_tenant_sees_the_sum_by_day_and_model(store: Store) -> None:
    now = 1_700_000_000.0
    ledger = UsageLedger(store, clock=lambda: now)
    for principal in (ANN, BOB):
        ledger.post(principal, (used("bank"),))
    now += DAY
    ledger.post(ANN, (used("gpt|5"),))

    today, yesterday = await ledger.async_report(ANN, days=30)

    assert today == UsageRow(
        day="2023-11-15",
        model="gpt|5",
        requests=1,
        prompt_tokens=10,
        completion_tokens=5,
        cost_micro_usd=7,
    )
    assert (yesterday.day, yesterday.requests, yesterday.cost_micro_usd) == ("2023-11-14", 2, 14)


async def test_usage_is_reported_for_a_user_and_not_for_other_tenants(store: Store) -> None:
    ledger = UsageLedger(store)
    for principal in (ANN, BOB, BOB):
        ledger.post(principal, (used("bank"),))

    (ann,) = await ledger.async_report(ANN, days=1, user="ann")

    assert ann.requests == 1
    assert await ledger.async_report(BOB.model_copy(update={"tenant": "other"}), days=1) == ()


async def test_counts_of_many_at_once_are_exact(store: Store) -> None:
    ledgers = [UsageLedger(store) for _ in range(8)]

    async def work(ledger: UsageLedger) -> None:
        for _ in range(50):
            ledger.post(ANN, (used("bank"),))
            await asyncio.sleep(0)

    await asyncio.gather(*map(work, ledgers))
    (row,) = await ledgers[0].async_report(ANN, days=1)

    assert (row.requests, row.cost_micro_usd) == (400, 2800)


async def test_usage_during_an_outage_is_booked_later(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0, cool_down_s=0)
    ledger = UsageLedger(store)
    own_redis.kill()
    for _ in range(3):
        ledger.post(ANN, (used("bank"),))
    await store.flush()
    own_redis.start()

    await store.ping()
    await store.flush()
    (row,) = await ledger.async_report(ANN, days=1)
    await store.close()

    assert row.requests == 3


@pytest.mark.parametrize("pattern", ["{acme}|usage|*", "{acme}|counted|*"])
async def test_all_usage_expires(redis_client: Redis, store: Store, pattern: str) -> None:
    UsageLedger(store).post(ANN, (used("bank"),))
    await store.flush()

    keys = await redis_client.keys(pattern)

    assert keys
    for key in keys:
        assert await redis_client.ttl(key) > 0
