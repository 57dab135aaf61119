"""The last drift check as metrics. A job runs it, so all replicas report the same values."""

from prometheus_client.core import GaugeMetricFamily, Metric

from genai.drift.snapshot import DriftSnapshot


def drift_metrics(snapshot: DriftSnapshot | None) -> list[Metric]:
    """None before the first snapshot."""
    if snapshot is None:
        return []
    looked = GaugeMetricFamily("genai_drift_looked_seconds", "When drift was looked for")
    looked.add_metric((), snapshot.at)
    alarms = GaugeMetricFamily("genai_drift_alarm", "Whether a feature moved", labels=("feature",))
    chances = GaugeMetricFamily(
        "genai_drift_p_value", "How likely it would be without drift", labels=("feature",)
    )
    for feature in snapshot.report.features:
        alarms.add_metric((feature.name,), feature.alarm)
        chances.add_metric((feature.name,), feature.p_value)
    return [looked, alarms, chances]
