"""The result of an evaluation: a row per example, and metrics."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from genai.messages import Value

EVERYTHING = "all"

LATENCY, COST, ERRORS, REFUSALS = "latency_s", "cost_usd", "errors", "refusals"


class GradedExample(Value):
    """``error`` is the code of the error when there is no answer; then every score is 0."""

    id: str
    slices: dict[str, str] = {}
    scores: dict[str, float] = {}
    reasons: dict[str, str] = {}
    seconds: float
    cost_usd: float = 0.0
    completion_tokens: int = 0
    refused: bool = False
    error: str = ""
    output: str = ""

    def measures(self) -> dict[str, float]:
        """The values of the row that are averaged."""
        figures = {LATENCY: self.seconds, COST: self.cost_usd, ERRORS: float(bool(self.error))}
        return {**self.scores, **figures, REFUSALS: float(self.refused)}


class Evaluation(Value):
    """``subject`` is the name of the evaluated model or application."""

    subject: str
    data_version: str = ""
    rows: tuple[GradedExample, ...]

    def metrics(self, rows: Sequence[GradedExample] | None = None) -> dict[str, float]:
        """Means by measure, and percentiles of the latency."""
        rows = self.rows if rows is None else rows
        values_of: defaultdict[str, list[float]] = defaultdict(list)
        for row in rows:
            for name, value in row.measures().items():
                values_of[name].append(value)
        found = {name: float(np.mean(values)) for name, values in values_of.items()}
        for percent in (50, 95):
            if values_of[LATENCY]:
                found[f"latency_p{percent}_s"] = float(np.percentile(values_of[LATENCY], percent))
        return found

    def by_slice(self) -> dict[str, tuple[int, dict[str, float]]]:
        """The number of rows and the metrics of all rows, and of each slice as ``name=value``."""
        groups: defaultdict[str, list[GradedExample]] = defaultdict(list)
        for row in self.rows:
            for name, value in row.slices.items():
                groups[f"{name}={value}"].append(row)
        found = {EVERYTHING: (len(self.rows), self.metrics())}
        for name in sorted(groups):
            found[name] = (len(groups[name]), self.metrics(groups[name]))
        return found

    def flat(self) -> dict[str, float]:
        """The metrics of all rows, and those of the slices as ``slice/metric``."""
        found = dict(self.metrics())
        for slice_name, (_, metrics) in self.by_slice().items():
            if slice_name != EVERYTHING:
                found |= {f"{slice_name}/{name}": value for name, value in metrics.items()}
        return found


def pairs(
    some: Iterable[GradedExample], other: Iterable[GradedExample]
) -> Mapping[str, tuple[list[float], list[float]]]:
    """The values of both for their common examples, by measure, in the same order."""
    others = {row.id: row.measures() for row in other}
    found: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for row in some:
        for name, value in row.measures().items():
            if name in others.get(row.id, {}):
                found[name][0].append(value)
                found[name][1].append(others[row.id][name])
    return found
