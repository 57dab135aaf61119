"""The last look for drift as metrics. A job takes it, so they are the same in all replicas."""

from prometheus_client.core import GaugeMetricFamily, Metric

from genai.drift.latest import Look


def drift_metrics(look: Look | None) -> list[Metric]:
    """None before the first look."""
    if look is None:
        return []
    looked = GaugeMetricFamily("genai_drift_looked_seconds", "When drift was looked for")
    looked.add_metric((), look.at)
    alarms = GaugeMetricFamily("genai_drift_alarm", "Whether a feature moved", labels=("feature",))
    chances = GaugeMetricFamily(
        "genai_drift_p_value", "How likely it would be without drift", labels=("feature",)
    )
    for feature in look.report.features:
        alarms.add_metric((feature.name,), feature.alarm)
        chances.add_metric((feature.name,), feature.p_value)
    return [looked, alarms, chances]
