import asyncio
import contextlib
import os
import pickle
import random
import signal
import time
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from genai.access.demand import Demand
from genai.access.limits import Limiter, OverLimit, Permit
from genai.access.principal import KeyLimits, Principal
from genai.errors import BackendFailed, InvalidInput, TryLater
from genai.memory.failure_detector import STRIKES
from genai.memory.store import Command, Store
from genai.settings.access import Allowance, LimitSettings
from tests.support.limiters import limiter_on
from tests.support.overtaken_store import OvertakenStore
from tests.support.redis_server import RedisServer

ANN = Principal(key_id="k1", tenant="acme", user="ann")
BOB = Principal(key_id="k2", tenant="acme", user="bob")
PLENTY = Allowance(
    requests_per_minute=10_000, tokens_per_minute=1_000_000, concurrent_requests=1000
)
SECOND = 1_000_000


class Clock:
    """The time of Redis, in microseconds."""

    def __init__(self) -> None:
        self.now = 1_700_000_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings(**changes: object) -> LimitSettings:
    return LimitSettings.model_validate(PLENTY.model_dump() | changes)


async def admissions(limiter: Limiter, principal: Principal, count: int, tokens: int = 0) -> int:
    """How many of ``count`` requests are let in, each over at once."""
    admitted = 0
    for _ in range(count):
        try:
            (await limiter.async_acquire(principal, Demand(tokens=tokens))).settle()
        except OverLimit:
            continue
        admitted += 1
    return admitted


async def test_requests_beyond_the_limit_are_refused(store: Store, clock: Clock) -> None:
    limiter = limiter_on(store, settings(requests_per_minute=5), now_us=clock)

    assert await admissions(limiter, ANN, 8) == 5


async def test_a_request_is_admitted_after_its_retry_after(store: Store, clock: Clock) -> None:
    limiter = limiter_on(store, settings(requests_per_minute=2), now_us=clock)
    await admissions(limiter, ANN, 1)
    clock.now += 20 * SECOND
    await admissions(limiter, ANN, 1)

    with pytest.raises(OverLimit) as refused:
        await limiter.async_acquire(ANN, Demand())
    clock.now += int(refused.value.retry_after_s * SECOND)

    assert 39 < refused.value.retry_after_s < 40.2
    assert await admissions(limiter, ANN, 2) == 1


async def test_a_request_with_many_tokens_is_admitted_after_its_retry_after(
    store: Store, clock: Clock
) -> None:
    limiter = limiter_on(store, settings(tokens_per_minute=100), now_us=clock)
    for _ in range(5):
        await admissions(limiter, ANN, 1, tokens=20)
        clock.now += 5 * SECOND

    with pytest.raises(OverLimit, match="tokens per minute") as refused:
        await limiter.async_acquire(ANN, Demand(tokens=50))
    clock.now += int(refused.value.retry_after_s * SECOND)

    assert await admissions(limiter, ANN, 1, tokens=50) == 1


async def test_no_window_of_a_minute_holds_more_than_the_limit(store: Store, clock: Clock) -> None:
    limit, dice = 50, random.Random(7)
    workers = [
        limiter_on(store, settings(requests_per_minute=limit), now_us=clock) for _ in range(8)
    ]
    times: list[int] = []

    async def attempt(limiter: Limiter) -> None:
        try:
            (await limiter.async_acquire(ANN, Demand())).settle()
            times.append(clock.now)
        except OverLimit:
            pass

    for _ in range(400):
        clock.now += int(dice.expovariate(1 / (0.7 * SECOND)))
        await asyncio.gather(*(attempt(dice.choice(workers)) for _ in range(4)))

    excess = [a for a, b in zip(times, times[limit:], strict=False) if b - a < 60 * SECOND]
    assert excess == []
    minutes = (times[-1] - times[0]) / (60 * SECOND)
    assert len(times) >= 0.97 * limit * minutes


async def test_almost_all_of_the_limit_can_be_used(store: Store, clock: Clock) -> None:
    limiter = limiter_on(store, settings(requests_per_minute=120), now_us=clock)
    admitted, minutes = 0, 3

    for _ in range(minutes * 300):
        admitted += await admissions(limiter, ANN, 1)
        clock.now += SECOND // 5

    assert minutes * 120 * 0.99 <= admitted <= minutes * 120


async def test_eight_workers_at_once_share_one_limit_exactly(store: Store) -> None:
    workers = [limiter_on(store, settings(requests_per_minute=37)) for _ in range(8)]

    counts = await asyncio.gather(*(admissions(worker, ANN, 20) for worker in workers))

    assert sum(counts) == 37


async def test_estimated_tokens_are_reserved_and_unused_ones_freed(
    store: Store, clock: Clock
) -> None:
    limiter = limiter_on(store, settings(tokens_per_minute=100), now_us=clock)
    permit = await limiter.async_acquire(ANN, Demand(tokens=80))
    with pytest.raises(OverLimit):
        await limiter.async_acquire(ANN, Demand(tokens=30))

    permit.settle(10)
    permit.settle(0)

    assert (await limiter.async_acquire(ANN, Demand(tokens=90))).state.remaining_tokens == 0
    with pytest.raises(OverLimit):
        await limiter.async_acquire(ANN, Demand(tokens=1))


async def test_tokens_above_the_estimate_count_too(store: Store, clock: Clock) -> None:
    limiter = limiter_on(store, settings(tokens_per_minute=100), now_us=clock)
    (await limiter.async_acquire(ANN, Demand(tokens=10))).settle(95)

    with pytest.raises(OverLimit):
        await limiter.async_acquire(ANN, Demand(tokens=10))


async def test_settling_after_the_window_changes_nothing(store: Store, clock: Clock) -> None:
    limiter = limiter_on(store, settings(tokens_per_minute=100), now_us=clock)
    late = await limiter.async_acquire(ANN, Demand(tokens=80))
    clock.now += 61 * SECOND
    await admissions(limiter, ANN, 1, tokens=50)

    late.settle(0)

    assert (await limiter.async_acquire(ANN, Demand(tokens=1))).state.remaining_tokens == 49


async def test_a_request_that_can_never_fit_is_refused_for_good(store: Store) -> None:
    limiter = limiter_on(store, settings(tokens_per_minute=100))

    with pytest.raises(InvalidInput):
        await limiter.async_acquire(ANN, Demand(tokens=101))


async def test_places_are_freed(store: Store, clock: Clock) -> None:
    limiter = limiter_on(store, settings(concurrent_requests=2), now_us=clock)
    first = await limiter.async_acquire(ANN, Demand())
    await limiter.async_acquire(ANN, Demand())
    with pytest.raises(OverLimit, match="concurrent") as refused:
        await limiter.async_acquire(ANN, Demand())

    first.settle()

    assert refused.value.retry_after_s == 1
    assert await admissions(limiter, ANN, 1) == 1


async def test_the_place_of_a_dead_process_is_freed(store: Store, clock: Clock) -> None:
    limiter = limiter_on(store, settings(concurrent_requests=1, lease_s=100), now_us=clock)
    await limiter.async_acquire(ANN, Demand())
    clock.now += 99 * SECOND
    assert await admissions(limiter, ANN, 1) == 0

    clock.now += 2 * SECOND

    assert await admissions(limiter, ANN, 1) == 1


async def test_a_cancelled_admission_leaves_no_place_taken(
    redis_client: Redis, store: Store
) -> None:
    limiter = limiter_on(store, settings())
    tasks = [asyncio.create_task(limiter.async_acquire(ANN, Demand(tokens=5))) for _ in range(20)]
    await asyncio.sleep(0)

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.flush()

    assert await redis_client.zcard("{acme}|limit|key|k1|places") == 0


async def test_the_context_settles_on_success_and_on_errors(
    redis_client: Redis, store: Store
) -> None:
    limiter = limiter_on(store, settings())

    with pytest.raises(ZeroDivisionError):
        async with limiter.admitted(ANN, 5):
            raise ZeroDivisionError
    async with limiter.admitted(ANN, 5) as permit:
        permit.settle(3)
    await store.flush()

    assert await redis_client.zcard("{acme}|limit|key|k1|places") == 0
    assert await redis_client.hget("{acme}|limit|key|k1|window", "t") == b"8"


async def test_keys_do_not_share_a_limit_but_users_and_tenants_do(store: Store) -> None:
    tenant = PLENTY.model_copy(update={"requests_per_minute": 3})
    limiter = limiter_on(store, settings(requests_per_minute=2, per_tenant=tenant.model_dump()))

    assert await admissions(limiter, ANN, 3) == 2
    assert await admissions(limiter, BOB, 3) == 1
    assert await admissions(limiter, BOB.model_copy(update={"tenant": "other"}), 3) == 2


async def test_a_refusal_by_one_scope_uses_nothing_of_the_others(store: Store) -> None:
    user = PLENTY.model_copy(update={"concurrent_requests": 1})
    limiter = limiter_on(store, settings(requests_per_minute=2, per_user=user.model_dump()))
    running = await limiter.async_acquire(ANN, Demand())
    assert await admissions(limiter, ANN, 5) == 0

    running.settle()

    assert await admissions(limiter, ANN, 5) == 1


async def test_a_key_can_have_its_own_limits(store: Store) -> None:
    limiter = limiter_on(store, settings(requests_per_minute=5))
    own = ANN.model_copy(update={"limits": KeyLimits(requests_per_minute=2)})

    assert await admissions(limiter, own, 8) == 2


async def test_the_headers_show_the_use_of_the_limits(store: Store, clock: Clock) -> None:
    limiter = limiter_on(
        store, settings(requests_per_minute=5, tokens_per_minute=100), now_us=clock
    )
    permit = await limiter.async_acquire(ANN, Demand(tokens=30))

    assert dict(permit.state.headers) == {
        "x-ratelimit-limit-requests": "5",
        "x-ratelimit-remaining-requests": "4",
        "x-ratelimit-reset-requests": "60.1s",
        "x-ratelimit-limit-tokens": "100",
        "x-ratelimit-remaining-tokens": "70",
        "x-ratelimit-reset-tokens": "60.1s",
    }


async def test_a_refusal_survives_a_process_border(store: Store) -> None:
    limiter = limiter_on(store, settings(requests_per_minute=1))
    await admissions(limiter, ANN, 1)

    with pytest.raises(OverLimit) as refused:
        await limiter.async_acquire(ANN, Demand())
    copy = pickle.loads(pickle.dumps(refused.value))

    assert copy.state == refused.value.state
    assert copy.retry_after_s == refused.value.retry_after_s


async def test_a_clock_that_goes_back_admits_no_request_too_early(
    store: Store, clock: Clock
) -> None:
    limiter = limiter_on(store, settings(requests_per_minute=3), now_us=clock)
    await admissions(limiter, ANN, 3)

    clock.now -= 30 * SECOND

    assert await admissions(limiter, ANN, 3) == 0


async def test_counters_and_places_of_running_requests_expire_by_themselves(
    redis_client: Redis, store: Store
) -> None:
    limiter = limiter_on(store, settings())
    await admissions(limiter, ANN, 3)
    await store.flush()
    of_counters = set(await redis_client.keys("*"))
    running = await limiter.async_acquire(ANN, Demand())

    of_places = set(await redis_client.keys("*")) - of_counters
    lifetimes = [await redis_client.ttl(key) for key in (*of_counters, *of_places)]
    running.settle()

    assert of_counters
    assert of_places
    assert all(0 < seconds <= 150 for seconds in lifetimes)


@pytest.fixture
def frozen(own_redis: RedisServer) -> Iterator[RedisServer]:
    os.kill(own_redis.process.pid, signal.SIGSTOP)
    yield own_redis
    os.kill(own_redis.process.pid, signal.SIGCONT)


async def test_requests_are_refused_quickly_while_redis_is_frozen(frozen: RedisServer) -> None:
    store = Store(frozen.client())
    limiter = limiter_on(store, settings())
    started = time.monotonic()

    outcomes = await asyncio.gather(
        *(limiter.async_acquire(ANN, Demand()) for _ in range(200)), return_exceptions=True
    )
    took = time.monotonic() - started

    assert all(isinstance(outcome, TryLater) for outcome in outcomes)
    assert took < 10.0
    await store.close()


async def test_refusals_while_redis_is_known_to_be_down_queue_no_commands(
    own_redis: RedisServer,
) -> None:
    store = Store(own_redis.client(), cool_down_s=60)
    limiter = limiter_on(store, settings())
    own_redis.kill()

    for _ in range(100):
        with pytest.raises(TryLater):
            await limiter.async_acquire(ANN, Demand())

    await store.flush()
    assert store.backlog_size <= STRIKES
    await store.close()


async def test_admissions_that_redis_makes_after_a_freeze_are_undone(
    own_redis: RedisServer,
) -> None:
    store = Store(own_redis.client(), timeout_s=0.1, cool_down_s=0)
    limiter = limiter_on(store, settings())
    await admissions(limiter, ANN, 1)
    os.kill(own_redis.process.pid, signal.SIGSTOP)
    with pytest.raises(TryLater):
        await limiter.async_acquire(ANN, Demand())
    os.kill(own_redis.process.pid, signal.SIGCONT)

    places = Command(("ZCARD", "{acme}|limit|key|k1|places"), int)
    store.timeout_s = 5.0
    left = 1
    while left:
        with contextlib.suppress(BackendFailed):
            left = await store.run(places)
    await store.close()


async def test_an_admission_that_arrives_after_its_settlement_does_nothing(
    redis_client: Redis, store: Store
) -> None:
    overtaken, only_one = OvertakenStore(redis_client), settings(concurrent_requests=1)
    with pytest.raises(TryLater):
        demand = Demand(model="m", tokens=5, micro_usd=7)
        await limiter_on(overtaken, only_one).async_acquire(ANN, demand)
    await overtaken.flush()
    assert overtaken.under_way is not None
    await store.run(overtaken.under_way)

    await limiter_on(store, only_one).async_acquire(ANN, Demand(tokens=5))
    assert not await redis_client.exists("{acme}|held")


async def test_a_local_allowance_is_a_share_and_ends(own_redis: RedisServer) -> None:
    now = 0.0
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    config = settings(
        on_store_failure="allow_locally", local_share=0.5, requests_per_minute=6, local_for_s=30
    )
    limiter = limiter_on(store, config, clock=lambda: now)
    own_redis.kill()

    assert await admissions(limiter, ANN, 10) == 3
    now = 31.0
    with pytest.raises(TryLater):
        await limiter.async_acquire(ANN, Demand())
    await store.close()


def test_permits_settle_once() -> None:
    settled: list[int] = []
    permit = Permit(None, 10, lambda more, bills: settled.append(more))  # type: ignore[arg-type]

    permit.settle(4)
    permit.settle(8)

    assert settled == [-6]
