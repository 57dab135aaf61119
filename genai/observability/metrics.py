"""Metrics in Prometheus' text format.

    genai_requests_total{route,status}            genai_request_seconds{route}
    genai_step_seconds{step}                      genai_inflight{route}
    genai_tokens_total{kind,model}                genai_cost_usd_total{model}
    genai_safety_decisions_total{check,stage,action}
    genai_degraded_total{model}                   genai_llm_running{model}
    genai_drift_alarm{feature}                    genai_drift_p_value{feature}

Labels never contain text from callers. Each process counts for itself, and any of them can render the
counters of all, with the label ``replica``: sums would jump whenever a process starts or ends.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from genai.messages import Decision, RequestContext, Usage
from genai.money import usd

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


Counted = list[Metric]
"""The metrics of one process."""


class Metrics:
    """A `Recorder` that counts into Prometheus metrics."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._requests = Counter(
            "genai_requests", "Finished requests", ("route", "status"), registry=own
        )
        self._request_seconds = Histogram(
            "genai_request_seconds", "Time of requests", ("route",), registry=own, buckets=SECONDS
        )
        self._steps = Histogram(
            "genai_step_seconds", "Time of steps", ("step",), registry=own, buckets=SECONDS
        )
        self._tokens = Counter("genai_tokens", "Tokens", ("kind", "model"), registry=own)
        self._cost = Counter("genai_cost_usd", "Dollars spent", ("model",), registry=own)
        self._decisions = Counter(
            "genai_safety_decisions",
            "Decisions of safety checks",
            ("check", "stage", "action"),
            registry=own,
        )
        self._degraded = Counter(
            "genai_degraded", "Answers of a fallback", ("model",), registry=own
        )
        self._running = Gauge("genai_inflight", "Running requests", ("route",), registry=own)

    def request(
        self, *, request_id: str, operation: str, status: int, seconds: float, tenant: str
    ) -> None:
        self._requests.labels(operation, status).inc()
        self._request_seconds.labels(operation).observe(seconds)

    def steps(self, context: RequestContext, seconds: dict[str, float]) -> None:
        for step, duration in seconds.items():
            self._steps.labels(step).observe(duration)

    def usage(self, context: RequestContext, model: str, usage: Usage) -> None:
        self._tokens.labels("prompt", model).inc(max(0, usage.prompt_tokens))
        self._tokens.labels("completion", model).inc(max(0, usage.completion_tokens))
        self._cost.labels(model).inc(usd(max(0, usage.cost_micro_usd)))

    def decisions(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            self._decisions.labels(decision.check, decision.stage, decision.action).inc()

    def degraded(self, model: str) -> None:
        self._degraded.labels(model).inc()

    @contextmanager
    def in_flight(self, operation: str) -> Iterator[None]:
        gauge = self._running.labels(operation)
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()

    def counted(self) -> Counted:
        return list(self._registry.collect())


class _Counted(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def rendered(
    counted: Mapping[str, Counted], models_running: Mapping[str, int], others: Iterable[Metric] = ()
) -> bytes:
    """Renders the counters of each replica, and the running calls per model over all replicas."""
    metrics: dict[str, Metric] = {}
    for replica, own in sorted(counted.items()):
        for metric in own:
            known = metrics.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type, metric.unit)
            )
            for sample in metric.samples:
                known.add_sample(sample.name, {**sample.labels, "replica": replica}, sample.value)
    running = GaugeMetricFamily(
        "genai_llm_running", "Calls that a model works on", labels=("model",)
    )
    for model, calls in sorted(models_running.items()):
        running.add_metric((model,), calls)
    return generate_latest(_Counted([*metrics.values(), running, *others]))
