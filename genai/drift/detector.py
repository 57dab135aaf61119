"""Drift detection: compares a window of live requests with a reference, feature by feature."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genai.drift.energy import Matrix, between_names, between_points, discoveries, p_value
from genai.messages import Value
from genai.section import Section
from genai.traffic.observed import Observed

Points = npt.NDArray[np.float64]


class DriftSettings(Section):
    """``false_alarms`` is the accepted share of windows without drift that raise an alarm.

    At most ``at_most`` random requests of each sample are compared. Features known of fewer than
    ``at_least`` requests are skipped.
    """

    false_alarms: float = Field(default=0.001, gt=0, lt=0.5)
    at_most: int = Field(default=300, ge=10)
    at_least: int = Field(default=30, ge=5)
    seed: int = 0


class Feature(Value):
    """``reference`` and ``window`` summarise the samples: their mean, or the share of the most common
    value.
    """

    name: str
    p_value: float
    alarm: bool
    reference: str
    window: str


class DriftReport(Value):
    features: tuple[Feature, ...]
    reference_requests: int
    window_requests: int
    skipped: tuple[str, ...] = ()

    @property
    def alarm(self) -> bool:
        return any(feature.alarm for feature in self.features)

    @property
    def moved(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features if feature.alarm)


NUMBERS: dict[str, Callable[[Observed], float | None]] = {
    "question_length": lambda one: float(np.log1p(one.input_chars)),
    "answer_length": lambda one: (
        float(np.log1p(one.output_chars)) if one.outcome == "answered" else None
    ),
    "seconds": lambda one: float(np.log(max(one.seconds, 1e-4))),
    "cost": lambda one: one.cost_usd if one.outcome == "answered" else None,
    "score": lambda one: one.score,
}
NAMES: dict[str, Callable[[Observed], str]] = {
    "route": lambda one: one.route,
    "outcome": lambda one: one.outcome,
}


def detect(
    settings: DriftSettings, reference: Sequence[Observed], window: Sequence[Observed]
) -> DriftReport:
    random = np.random.default_rng(settings.seed)
    found: dict[str, tuple[Matrix, int, str, str]] = {}
    for name, number in NUMBERS.items():
        old, new = (_known(number, part, settings, random) for part in (reference, window))
        if min(len(old), len(new)) >= settings.at_least:
            points = np.asarray(old + new)[:, None]
            found[name] = between_points(_scaled(points)), len(old), _mean(old), _mean(new)
    for name, label in NAMES.items():
        some, others = (
            [label(one) for one in _sample(part, settings, random)] for part in (reference, window)
        )
        if min(len(some), len(others)) >= settings.at_least:
            found[name] = between_names(some + others), len(some), _common(some), _common(others)
    old_v, new_v = (_vectors(part, settings, random) for part in (reference, window))
    if min(len(old_v), len(new_v)) >= settings.at_least:
        points = np.asarray(old_v + new_v)
        found["topics"] = between_points(points), len(old_v), "", ""
    return _report(settings, found, len(reference), len(window), random)


def _report(
    settings: DriftSettings,
    found: dict[str, tuple[Matrix, int, str, str]],
    reference: int,
    window: int,
    random: np.random.Generator,
) -> DriftReport:
    shuffles = int(np.ceil(2 * max(1, len(found)) / settings.false_alarms))
    p_values = {
        name: p_value(distances, first, shuffles=shuffles, random=random)
        for name, (distances, first, _, _) in found.items()
    }
    alarms = discoveries(p_values, settings.false_alarms)
    return DriftReport(
        features=tuple(
            Feature(
                name=name, p_value=p_values[name], alarm=alarms[name], reference=old, window=new
            )
            for name, (_, _, old, new) in found.items()
        ),
        reference_requests=reference,
        window_requests=window,
        skipped=tuple(sorted({*NUMBERS, *NAMES, "topics"} - set(found))),
    )


def _sample(
    part: Sequence[Observed], settings: DriftSettings, random: np.random.Generator
) -> list[Observed]:
    if len(part) <= settings.at_most:
        return list(part)
    return [part[i] for i in random.choice(len(part), settings.at_most, replace=False)]


def _known(
    number: Callable[[Observed], float | None],
    part: Sequence[Observed],
    settings: DriftSettings,
    random: np.random.Generator,
) -> list[float]:
    having = [one for one in part if number(one) is not None]
    return [v for one in _sample(having, settings, random) if (v := number(one)) is not None]


def _vectors(
    part: Sequence[Observed], settings: DriftSettings, random: np.random.Generator
) -> list[tuple[float, ...]]:
    having = [one for one in part if one.embedding]
    return [one.embedding for one in _sample(having, settings, random)]


def _scaled(points: Points) -> Points:
    spread = float(points.std())
    return points / spread if spread else points


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.4g}"


def _common(names: Sequence[str]) -> str:
    commonest = max(sorted(set(names)), key=names.count)
    return f"{names.count(commonest) / len(names):.0%} {commonest or 'unknown'}"
