import time
from collections.abc import AsyncIterator

import pytest

from genai.messages import RequestContext
from genai.observability.alerts import Alert
from genai.observability.latency_monitor import Latency, LatencyMonitor
from genai.settings.observability import AlertSettings

CONTEXT = RequestContext(request_id="r1", tenant="acme", user="ann", deadline=time.time())


class Collected:
    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    async def async_send(self, alert: Alert) -> None:
        self.alerts.append(alert)

    async def async_close(self) -> None: ...


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def collected() -> Collected:
    return Collected()


@pytest.fixture
async def monitor(collected: Collected, clock: Clock) -> AsyncIterator[LatencyMonitor]:
    monitor = LatencyMonitor(AlertSettings(slow_request_s=2.0), collected, clock=clock)
    monitor.pause_s = 0
    yield monitor
    await monitor.async_close()


def finish(monitor: LatencyMonitor, seconds: float, request_id: str = "r1") -> None:
    monitor.request(
        request_id=request_id, operation="chat", status=200, seconds=seconds, tenant="acme"
    )


def of(monitor: LatencyMonitor, step: str) -> Latency:
    return next(latency for latency in monitor.latencies() if latency.step == step)


async def test_each_step_has_percentiles(monitor: LatencyMonitor) -> None:
    for i in range(1, 101):
        monitor.steps(CONTEXT, {"retrieve": i / 1000, "llm": i / 10})
    await monitor.async_drain()

    retrieve = of(monitor, "retrieve")

    assert retrieve.count == 100
    assert retrieve.p50 == pytest.approx(0.050, rel=0.03)
    assert retrieve.p95 == pytest.approx(0.095, rel=0.03)
    assert of(monitor, "llm").p99 == pytest.approx(9.9, rel=0.03)


async def test_a_slow_request_is_logged_by_its_id(
    monitor: LatencyMonitor, caplog: pytest.LogCaptureFixture
) -> None:
    finish(monitor, 0.1, "quick")
    finish(monitor, 2.5, "slow")
    await monitor.async_drain()

    (record,) = caplog.records

    assert record.message == "slow request"
    assert vars(record)["request_id"] == "slow"


async def test_an_alert_is_sent_when_one_in_twenty_is_slow(
    monitor: LatencyMonitor, collected: Collected, clock: Clock
) -> None:
    for i in range(100):
        finish(monitor, 5.0 if i % 30 == 0 else 0.1)
    await monitor.async_drain()
    assert collected.alerts == []

    for _ in range(10):
        finish(monitor, 5.0)
        await monitor.async_drain()

    (alert,) = collected.alerts
    assert (alert.kind, alert.subject, alert.threshold) == ("latency", "request.chat", 2.0)


async def test_a_few_slow_requests_are_no_alert(
    monitor: LatencyMonitor, collected: Collected
) -> None:
    for _ in range(10):
        finish(monitor, 5.0)
    await monitor.async_drain()

    assert collected.alerts == []


async def test_old_durations_are_forgotten(monitor: LatencyMonitor, clock: Clock) -> None:
    for seconds in (1.0, 0.1, 0.1):
        finish(monitor, seconds)
        await monitor.async_drain()
        clock.now += 301

    assert of(monitor, "request.chat").count == 2
    assert of(monitor, "request.chat").p99 == pytest.approx(0.1, rel=0.03)


async def test_names_of_steps_cannot_fill_the_memory(monitor: LatencyMonitor) -> None:
    for i in range(500):
        monitor.steps(CONTEXT, {f"step{i}": 0.1})
    await monitor.async_drain()

    assert len(monitor.latencies()) == 200
