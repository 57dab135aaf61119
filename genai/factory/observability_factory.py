"""Builds observability from settings: metrics, request log, traces, monitors, alerts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool
from genai.memory.store import Store
from genai.observability.alerts import AlertLog, AlertSink, AlertSinks, Webhook
from genai.observability.cost_monitor import CostMonitor
from genai.observability.latency_monitor import LatencyMonitor
from genai.observability.logs import RequestLog
from genai.observability.metrics import Metrics
from genai.observability.recorder import Recorder, Recorders
from genai.observability.spending import InProcessSpending, RedisSpending
from genai.observability.traced import TracedAnswerer, TracedGuard, TracedLLM, TracedTool
from genai.observability.tracing import NoTracer, Tracer
from genai.safety.base import Guard
from genai.settings.observability import AlertSettings


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


def build_alerts(settings: AlertSettings, environ: Mapping[str, str] = os.environ) -> AlertSink:
    url = environ.get(settings.webhook_env, "")
    return AlertSinks([AlertLog(), *([Webhook(url)] if url else [])])


def build_observability(
    settings: AlertSettings, store: Store | None = None, environ: Mapping[str, str] = os.environ
) -> Observability:
    """With a ``store``, spending is summed over all processes; without, in this one."""
    alerts = build_alerts(settings, environ)
    spending = RedisSpending(store) if store else InProcessSpending()
    metrics = Metrics()
    costs = CostMonitor(settings, alerts, spending)
    latencies = LatencyMonitor(settings, alerts)
    recorder = Recorders([metrics, RequestLog(), costs, latencies])
    return Observability(recorder, metrics, costs, latencies, alerts)


TRACES_TO = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@cache
def build_tracer() -> Tracer:
    """One per process; it records when OpenTelemetry's own variables name a collector."""
    if not any(os.environ.get(name) for name in TRACES_TO):
        return NoTracer()
    try:
        from genai.observability.otlp import OTLPTracer
    except ImportError as error:
        raise ImportError('pip install "genai-factory[tracing]"') from error
    return OTLPTracer()


def traced_answerer(inner: BaseAnswerer, name: str) -> BaseAnswerer:
    """No wrapper without a collector: each layer costs time in a stream."""
    tracer = build_tracer()
    return inner if isinstance(tracer, NoTracer) else TracedAnswerer(inner, name, tracer)


def traced_llm(inner: BaseLLM) -> BaseLLM:
    tracer = build_tracer()
    return inner if isinstance(tracer, NoTracer) else TracedLLM(inner, tracer)


def traced_tool(inner: BaseTool) -> BaseTool:
    tracer = build_tracer()
    return inner if isinstance(tracer, NoTracer) else TracedTool(inner, tracer)


def traced_guard(inner: Guard) -> Guard:
    tracer = build_tracer()
    return inner if isinstance(tracer, NoTracer) else TracedGuard(inner, tracer)
