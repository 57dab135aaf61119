from collections import Counter
from collections.abc import Iterable

from redis.asyncio import Redis

from genai.memory.names import key_of
from genai.memory.store import Command, Store
from genai.traffic.log import (
    KEPT_FOR_S,
    NEWEST,
    OF_AN_HOUR,
    SERVICE,
    TrafficLog,
    observed_of,
    row_of,
)
from genai.traffic.observed import Observed

PLAIN = Observed(
    answer_id="ans_d93f0ec8a2de4dd7b3f2c9a0c1f4a5b6",
    at=1_796_031_667.6031,
    outcome="answered",
    route="chat",
    model="bank",
    seconds=0.3691,
    prompt_tokens=6,
    completion_tokens=12,
    input_chars=17,
    output_chars=54,
)
SAMPLED = PLAIN.model_copy(update={"score": 0.0, "embedding": (0.25, -1.5)})
FAILED = Observed(at=1.0, outcome="failed", code="backend_failed", seconds=2.0)


async def test_records_are_read_unchanged(store: Store) -> None:
    log = TrafficLog(store)

    for observed in (PLAIN, SAMPLED, FAILED):
        log.note(observed)
    await store.flush()

    assert await log.async_read() == [PLAIN, SAMPLED, FAILED]


async def test_records_of_another_version_are_skipped(store: Store) -> None:
    key = key_of(SERVICE, "traffic")
    log = TrafficLog(store)

    await store.run(Command(("XADD", key, "*", "json", b'{"at": 1.0}'), bytes))
    log.note(PLAIN)
    await store.flush()

    assert await log.async_read() == [PLAIN]


def test_an_entry_costs_little_more_than_its_values() -> None:
    assert len(row_of(PLAIN)) < 130
    assert observed_of(row_of(PLAIN)) == PLAIN


def test_times_are_rounded() -> None:
    exact = PLAIN.model_copy(update={"at": 1_796_031_667.603_123_4, "seconds": 0.369_106_242})

    assert observed_of(row_of(exact)) == PLAIN


HOUR = 1_796_029_200.0
"""The beginning of one."""


def at(seconds: float, route: str = "chat") -> Observed:
    return PLAIN.model_copy(update={"at": HOUR + seconds, "route": route})


async def noted(store: Store, requests: Iterable[Observed]) -> TrafficLog:
    log = TrafficLog(store)
    for number, one in enumerate(requests):
        log.note(one)
        if number % 500 == 0:
            await store.flush()
    await store.flush()
    return log


async def test_the_log_does_not_grow_with_the_traffic(redis_client: Redis, store: Store) -> None:
    await noted(store, (at(i / 10) for i in range(2 * NEWEST)))
    before = (await redis_client.info("memory"))["used_memory_dataset"]

    await noted(store, (at(i / 10) for i in range(2 * NEWEST)))

    after = (await redis_client.info("memory"))["used_memory_dataset"]
    assert after - before < 150_000
    assert await redis_client.llen(key_of(SERVICE, "traffic", str(int(HOUR // 3600)))) == OF_AN_HOUR


async def test_the_sample_of_little_traffic_is_complete(store: Store) -> None:
    log = await noted(store, [at(0), at(10), at(4000)])

    assert await log.async_sample(HOUR + 5, HOUR + 5000) == [at(10), at(4000)]


async def test_each_request_has_the_same_chance_in_heavy_traffic(store: Store) -> None:
    """A busy hour, a quiet one, and the newest, for which there is no room left."""
    busy = (at(i, "busy") for i in range(1000))
    quiet = (at(3600 + i, "quiet") for i in range(100))
    newest = (at(2 * 3600 + i / 10) for i in range(2 * NEWEST))
    log = await noted(store, [*busy, *quiet, *newest])

    routes = Counter(one.route for one in await log.async_sample(HOUR, HOUR + 7200))

    assert routes["busy"] == OF_AN_HOUR
    assert 5 <= routes["quiet"] <= 40  # 20 are expected: as many of a hundred as of the busy hour
    assert "chat" not in routes


async def test_early_and_late_requests_of_an_hour_are_equally_likely(store: Store) -> None:
    log = await noted(store, (at(i / 10) for i in range(2 * NEWEST)))

    sample = await log.async_sample(HOUR - 1, HOUR + 3600)

    early = sum(one.at < HOUR + NEWEST / 10 for one in sample)
    assert len(sample) == OF_AN_HOUR
    assert 60 <= early <= 140  # half of them, give or take more than five deviations


async def test_hours_expire(redis_client: Redis, store: Store) -> None:
    await noted(store, [at(0)])

    for name in await redis_client.keys("*traffic|*"):
        assert 0 < await redis_client.ttl(name) <= KEPT_FOR_S
