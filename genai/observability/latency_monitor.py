"""Monitors the latency of requests and their steps: percentiles, a log of slow requests, alerts."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from genai.messages import RequestContext, Value
from genai.observability.alerts import Alert, AlertSink
from genai.observability.background import Background
from genai.observability.quantiles import Quantiles
from genai.observability.recorder import NoRecorder
from genai.settings.observability import AlertSettings

logger = logging.getLogger(__name__)

WINDOW_S = 300.0
ENOUGH = 20
MOST_STEPS = 200


class Latency(Value):
    """Seconds of one step over the last five to ten minutes."""

    step: str
    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class _Timing:
    request_id: str
    seconds: dict[str, float]
    slow: bool


class LatencyMonitor(NoRecorder, Background[_Timing]):
    """A `Recorder` of latencies. A whole request is the step ``request.<operation>``."""

    pause_s = 0.2

    def __init__(
        self,
        settings: AlertSettings,
        alerts: AlertSink,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._alerts = alerts
        self._clock = clock
        self._began = clock()
        self._now: defaultdict[str, Quantiles] = defaultdict(Quantiles)
        self._before: defaultdict[str, Quantiles] = defaultdict(Quantiles)
        self._alerted: dict[str, float] = {}

    def request(
        self, *, request_id: str, operation: str, status: int, seconds: float, tenant: str
    ) -> None:
        slow = seconds >= self._settings.slow_request_s
        self.offer(_Timing(request_id, {f"request.{operation}": seconds}, slow))

    def steps(self, context: RequestContext, seconds: dict[str, float]) -> None:
        self.offer(_Timing(context.request_id, seconds, slow=False))

    def latencies(self) -> tuple[Latency, ...]:
        """All steps by name."""
        names = sorted(self._now.keys() | self._before.keys())
        return tuple(self._latency(name) for name in names)

    async def async_handle(self, events: list[_Timing]) -> None:
        self._rotate()
        for timing in events:
            for step, seconds in timing.seconds.items():
                if step in self._now or len(self._now) < MOST_STEPS:
                    self._now[step].add(seconds)
            if timing.slow:
                fields = {"request_id": timing.request_id, "seconds": timing.seconds}
                logger.warning("slow request", extra=fields)
        for step in {step for timing in events for step in timing.seconds}:
            await self._judge(step)

    def _rotate(self) -> None:
        """Rotate the windows: only the current and the previous one are kept."""
        now = self._clock()
        if now >= self._began + WINDOW_S:
            self._before, self._now = self._now, defaultdict(Quantiles)
            self._began = now

    def _latency(self, step: str) -> Latency:
        empty = Quantiles()
        both = self._now.get(step, empty).merged(self._before.get(step, empty))
        return Latency(
            step=step, count=both.count, p50=both.at(0.5), p95=both.at(0.95), p99=both.at(0.99)
        )

    async def _judge(self, step: str) -> None:
        """Alert when one request in twenty is slow."""
        if not step.startswith("request."):
            return
        latency, slow, now = self._latency(step), self._settings.slow_request_s, self._clock()
        quiet_until = self._alerted.get(step, 0.0) + self._settings.repeat_after_s
        if latency.count < ENOUGH or latency.p95 < slow or now < quiet_until:
            return
        self._alerted[step] = now
        await self._alerts.async_send(
            Alert(
                kind="latency",
                subject=step,
                value=latency.p95,
                threshold=slow,
                unit="seconds, 95th percentile",
                at=now,
            )
        )
