from collections.abc import Sequence

from genai.embeddings.hashing import HashEmbedder
from genai.memory.store import Store
from genai.settings.observability import TrafficSettings
from genai.traffic.log import TrafficLog
from genai.traffic.observed import Observed
from genai.traffic.recorder import TrafficRecorder

EVERY = TrafficSettings(sampled=1.0, busy_share=0.1)
SECONDS_EACH = 2.0


class SlowEmbedder(HashEmbedder):
    """Takes two seconds of a fake clock per text."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.now += SECONDS_EACH * len(texts)
        return await super().async_embed(texts)


async def note(store: Store, pause_s: float, count: int) -> list[Observed]:
    """The log after ``count`` questions with a pause after each."""
    embedder, log = SlowEmbedder(), TrafficLog(store)
    recorder = TrafficRecorder(log, embedder, EVERY, clock=lambda: embedder.now)
    for number in range(count):
        recorder.offer(("how?", None, Observed(at=number, outcome="answered", seconds=0.1)))
        await recorder.async_drain()
        embedder.now += pause_s
    await recorder.async_close()
    await store.flush()
    return await log.async_read()


async def test_every_request_is_recorded_though_few_are_sampled(store: Store) -> None:
    kept = await note(store, pause_s=0.0, count=20)

    assert [one.at for one in kept] == list(range(20))
    assert [bool(one.embedding) for one in kept] == [True] + [False] * 19


async def test_sampling_takes_no_more_than_its_share_of_time(store: Store) -> None:
    kept = await note(store, pause_s=1.0, count=60)

    looked_at = sum(bool(one.embedding) for one in kept)
    assert looked_at == 4, "two seconds of looking in each twenty"


async def test_with_enough_time_all_chosen_requests_are_sampled(store: Store) -> None:
    kept = await note(store, pause_s=18.0, count=5)

    assert all(one.embedding for one in kept)
