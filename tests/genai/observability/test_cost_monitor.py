import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from genai.errors import BackendFailed
from genai.memory.store import Store
from genai.messages import RequestContext, Usage
from genai.observability.alerts import Alert
from genai.observability.cost_monitor import CostMonitor
from genai.observability.spending import InProcessSpending, RedisSpending, SpendingLedger
from genai.settings.observability import AlertSettings

SETTINGS = AlertSettings(cost_per_hour_usd=6.0, unusual_speed=10.0)


class Collected:
    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    async def async_send(self, alert: Alert) -> None:
        self.alerts.append(alert)

    async def async_close(self) -> None: ...

    def kinds(self) -> list[tuple[str, str]]:
        return [(alert.kind, alert.subject) for alert in self.alerts]


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def collected() -> Collected:
    return Collected()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["redis", "in_process"])
def spending(request: pytest.FixtureRequest, store: Store) -> SpendingLedger:
    return RedisSpending(store) if request.param == "redis" else InProcessSpending()


@pytest.fixture
async def monitor(
    collected: Collected, clock: Clock, spending: SpendingLedger
) -> AsyncIterator[CostMonitor]:
    monitor = CostMonitor(SETTINGS, collected, spending, clock=clock)
    monitor.pause_s = 0
    yield monitor
    await monitor.async_close()


Spend = Callable[[float], Awaitable[None]]


def spend(monitor: CostMonitor, usd: float, tenant: str = "acme") -> None:
    context = RequestContext(request_id="r", tenant=tenant, user="ann", deadline=time.time())
    monitor.usage(context, "bank", Usage(cost_micro_usd=int(usd * 1e6)))


async def steadily(monitor: CostMonitor, clock: Clock, usd: float, minutes: int) -> None:
    for _ in range(minutes):
        spend(monitor, usd)
        await monitor.async_drain()
        clock.now += 60


async def test_a_tenant_over_its_hourly_limit_is_reported_once(
    monitor: CostMonitor, clock: Clock, collected: Collected
) -> None:
    await steadily(monitor, clock, 0.09, 66)
    assert collected.kinds() == []

    spend(monitor, 1.0)
    spend(monitor, 1.0, tenant="other")
    await monitor.async_drain()
    spend(monitor, 0.1)
    await monitor.async_drain()

    assert ("cost_per_hour", "acme") in collected.kinds()
    assert len(collected.alerts) == len(set(collected.kinds()))
    assert ("cost_per_hour", "other") not in collected.kinds()


async def test_spending_ten_times_as_fast_is_reported_within_the_minute(
    monitor: CostMonitor, clock: Clock, collected: Collected
) -> None:
    await steadily(monitor, clock, 0.02, 60)

    spend(monitor, 0.25)
    await monitor.async_drain()

    (alert,) = collected.alerts
    assert (alert.kind, alert.subject) == ("spending_speed", "acme")
    assert alert.value == pytest.approx(0.25, abs=0.03)
    assert alert.threshold == pytest.approx(0.2, abs=0.03)


async def test_small_amounts_are_never_unusual(
    monitor: CostMonitor, clock: Clock, collected: Collected
) -> None:
    await steadily(monitor, clock, 0.0001, 60)

    spend(monitor, 0.05)
    await monitor.async_drain()

    assert collected.alerts == []


async def test_an_alert_is_repeated_after_its_pause(collected: Collected, clock: Clock) -> None:
    monitor = CostMonitor(SETTINGS, collected, InProcessSpending(), clock=clock)
    monitor.pause_s = 0
    await steadily(monitor, clock, 7.0, 11)
    await monitor.async_close()

    assert collected.kinds().count(("cost_per_hour", "acme")) == 2


async def test_processes_see_what_the_others_spend(
    collected: Collected, clock: Clock, store: Store
) -> None:
    monitors = [
        CostMonitor(SETTINGS, collected, RedisSpending(store), clock=clock) for _ in range(2)
    ]
    for monitor in monitors:
        monitor.pause_s = 0
        spend(monitor, 3.5)
        await monitor.async_drain()

    kinds = collected.kinds()
    assert kinds.count(("cost_per_hour", "acme")) == 1
    assert kinds.count(("spending_speed", "acme")) == 1
    for monitor in monitors:
        await monitor.async_close()


async def test_a_monitor_survives_errors(
    collected: Collected, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(InProcessSpending):
        async def async_may_alert(self, tenant: str, kind: str, pause_s: int, at: float) -> bool:
            raise BackendFailed("gone")

    monitor = CostMonitor(SETTINGS, collected, Broken())
    monitor.pause_s = 0
    for _ in range(2):
        spend(monitor, 10.0)
        await monitor.async_drain()
    await monitor.async_close()

    assert [record.message for record in caplog.records] == ["a monitor failed"] * 2


async def test_a_flood_of_events_is_dropped_and_counted(
    monitor: CostMonitor, collected: Collected
) -> None:
    for _ in range(10_100):
        spend(monitor, 0.0001)

    assert monitor.dropped == 100
