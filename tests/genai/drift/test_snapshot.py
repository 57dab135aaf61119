import time

from genai.drift.detector import DriftReport, Feature
from genai.drift.snapshot import DriftSnapshot, LatestDrift
from genai.memory.store import Store
from genai.observability.drift_metrics import drift_metrics
from genai.observability.metrics import rendered
from tests.support.redis_server import RedisServer

MOVED = Feature(name="topics", p_value=0.0001, alarm=True, reference="", window="")
CALM = Feature(name="route", p_value=0.7, alarm=False, reference="80% rag", window="81% rag")
LOOK = DriftSnapshot(
    at=time.time(),
    report=DriftReport(features=(MOVED, CALM), reference_requests=500, window_requests=100),
)


async def test_the_last_look_is_known_to_all_and_replaces_the_one_before(store: Store) -> None:
    latest = LatestDrift(store)
    assert await latest.async_known() is None
    await latest.async_write(LOOK.model_copy(update={"at": 1.0}))
    await latest.async_write(LOOK)

    assert await LatestDrift(store).async_known() == LOOK


async def test_there_is_no_snapshot_while_redis_is_down(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(), timeout_s=0.25)
    await LatestDrift(store).async_write(LOOK)
    own_redis.kill()

    assert await LatestDrift(store).async_known() is None
    await store.close()


def test_drifted_features_are_in_the_metrics() -> None:
    shown = rendered({}, {}, drift_metrics(LOOK)).decode()

    assert 'genai_drift_alarm{feature="topics"} 1.0' in shown
    assert 'genai_drift_alarm{feature="route"} 0.0' in shown
    assert 'genai_drift_p_value{feature="topics"} 0.0001' in shown
    assert "genai_drift" not in rendered({}, {}, drift_metrics(None)).decode()
