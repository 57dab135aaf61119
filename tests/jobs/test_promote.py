from redis.asyncio import Redis

from genai.access.feedback import FeedbackLog
from genai.memory.cipher import Cipher
from genai.memory.store import Store
from genai.traffic.log import NEWEST, TrafficLog
from genai.traffic.observed import Observed
from jobs.promote import OVERLAP_S, ServiceTraffic
from tests.support.redis_server import redis_client, redis_socket, store

__all__ = ["redis_client", "redis_socket", "store"]


async def note(store: Store, log: TrafficLog, requests: range, now: float) -> None:
    for number in requests:
        log.note(Observed(at=now + number / 1000, outcome="answered", seconds=1.0))
        if number % 500 == 0:
            await store.flush()
    await store.flush()


async def test_a_trial_may_need_more_requests_than_the_log_keeps(
    redis_client: Redis, store: Store
) -> None:
    log = TrafficLog(store)
    traffic = ServiceTraffic(log, FeedbackLog(store, Cipher(bytes(32))), "acme")
    seconds, _ = await redis_client.time()
    began = float(seconds)

    for part in range(4):
        await note(store, log, range(part * NEWEST // 2, (part + 1) * NEWEST // 2), began)
        observed, _ = await traffic.async_since(began)

    assert len(observed) == 2 * NEWEST
    assert len(await log.async_read(since=began)) < 2 * NEWEST


async def test_what_is_read_twice_counts_once_and_what_came_before_not_at_all(
    redis_client: Redis, store: Store
) -> None:
    log = TrafficLog(store)
    traffic = ServiceTraffic(log, FeedbackLog(store, Cipher(bytes(32))), "acme")
    seconds, _ = await redis_client.time()
    await note(store, log, range(10), float(seconds) - OVERLAP_S / 2)
    await note(store, log, range(10), float(seconds))

    for _ in range(3):
        observed, _ = await traffic.async_since(float(seconds))

    assert len(observed) == 10
