"""Settings ──▶ everything that watches a process: metrics, request log, monitors and alerts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from genai.memory.store import Store
from genai.observability.alerts import AlertLog, AlertSink, AlertSinks, Webhook
from genai.observability.cost_monitor import CostMonitor
from genai.observability.latency_monitor import LatencyMonitor
from genai.observability.logs import RequestLog
from genai.observability.metrics import Metrics
from genai.observability.recorder import Recorder, Recorders
from genai.observability.spending import InProcessSpending, RedisSpending
from genai.settings import AlertSettings


@dataclass(frozen=True, slots=True)
class Observability:
    """``recorder`` feeds all the others."""

    recorder: Recorder
    metrics: Metrics
    costs: CostMonitor
    latencies: LatencyMonitor
    alerts: AlertSink

    async def async_close(self) -> None:
        """Handle what waits, and deliver its alerts."""
        await self.costs.async_close()
        await self.latencies.async_close()
        await self.alerts.async_close()


def build_observability(
    settings: AlertSettings, store: Store | None = None, environ: Mapping[str, str] = os.environ
) -> Observability:
    """With a ``store``, spending is summed over all processes; without, in this one."""
    url = environ.get(settings.webhook_env, "")
    alerts = AlertSinks([AlertLog(), *([Webhook(url)] if url else [])])
    spending = RedisSpending(store) if store else InProcessSpending()
    metrics = Metrics()
    costs = CostMonitor(settings, alerts, spending)
    latencies = LatencyMonitor(settings, alerts)
    recorder = Recorders([metrics, RequestLog(), costs, latencies])
    return Observability(recorder, metrics, costs, latencies, alerts)
