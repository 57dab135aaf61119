"""Compares the challenger with the champion in live traffic: continue, stop, or promote.

The comparison is made repeatedly, which gives chance many opportunities. So the permitted error rate is
divided among all looks.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Literal

import numpy as np
from pydantic import Field

from genai.messages import Value
from genai.section import Section
from genai.traffic.observed import Observed

Action = Literal["continue", "promote", "rollback"]

Measure = Callable[[Observed], float | None]


class Tolerance(Section):
    """The tolerated degradation: ``absolute`` in the measure's unit, or ``relative`` to the champion,
    whichever is larger.
    """

    absolute: float = Field(default=0.0, ge=0)
    relative: float = Field(default=0.0, ge=0)


class LiveSettings(Section):
    """``wrong`` is the permitted rate of stopping a good challenger or promoting a bad one, over all
    ``looks``. It is promoted after at least ``fewest`` requests, once it is significantly not worse by
    more than the tolerance in any measure; after ``most`` without that, it is stopped.
    """

    fewest: int = Field(default=100, ge=2)
    most: int = Field(default=5000, ge=2)
    looks: int = Field(default=20, ge=1)
    wrong: float = Field(default=0.05, gt=0, lt=0.5)
    errors: Tolerance = Tolerance(absolute=0.02)
    refusals: Tolerance = Tolerance(absolute=0.05)
    disliked: Tolerance = Tolerance(absolute=0.15)
    seconds: Tolerance = Tolerance(relative=0.25, absolute=0.05)
    ungrounded: Tolerance = Tolerance(absolute=0.1)


class LiveVerdict(Value):
    action: Action
    reason: str
    figures: dict[str, float] = {}


def judge_live(
    settings: LiveSettings,
    champion: Sequence[Observed],
    challenger: Sequence[Observed],
    ratings: Mapping[str, str],
) -> LiveVerdict:
    """Lower is better for all measures."""
    figures: dict[str, float] = {"champion/requests": len(champion)}
    figures["challenger/requests"] = len(challenger)
    unsure: list[str] = []
    for name, measure in _measures(ratings).items():
        old = [v for one in champion if (v := measure(one)) is not None]
        new = [v for one in challenger if (v := measure(one)) is not None]
        if not (old and new):
            continue
        figures |= {f"champion/{name}": _mean(old), f"challenger/{name}": _mean(new)}
        low, high = _interval(old, new, settings)
        tolerance: Tolerance = getattr(settings, name)
        allowed = max(tolerance.absolute, tolerance.relative * abs(_mean(old)))
        summary = f"{name}: {_mean(old):.3g} to {_mean(new):.3g}, {allowed:.3g} more is allowed"
        if low > allowed:
            return LiveVerdict(action="rollback", reason=f"live, {summary}", figures=figures)
        if high > allowed and name != "disliked":
            unsure.append(summary)
    return _decide(settings, len(challenger), min(len(champion), len(challenger)), unsure, figures)


def _decide(
    settings: LiveSettings, requests: int, both: int, unsure: list[str], figures: dict[str, float]
) -> LiveVerdict:
    if both >= settings.fewest and not unsure:
        return LiveVerdict(
            action="promote", reason=f"live, as good in {requests} requests", figures=figures
        )
    if requests >= settings.most:
        why = "; ".join(unsure) or "the champion had too few requests"
        return LiveVerdict(
            action="rollback", reason=f"live, never surely as good: {why}", figures=figures
        )
    return LiveVerdict(action="continue", reason="; ".join(unsure), figures=figures)


def _measures(ratings: Mapping[str, str]) -> dict[str, Measure]:
    def disliked(one: Observed) -> float | None:
        rating = ratings.get(one.answer_id) if one.answer_id else None
        return None if rating is None else float(rating == "down")

    return {
        "errors": lambda one: float(one.outcome == "failed" or one.degraded),
        "refusals": lambda one: float(one.outcome == "refused"),
        "disliked": disliked,
        "seconds": lambda one: one.seconds if one.outcome == "answered" else None,
        "ungrounded": lambda one: None if one.score is None else 1 - one.score,
    }


def _interval(
    old: Sequence[float], new: Sequence[float], settings: LiveSettings
) -> tuple[float, float]:
    """The confidence interval of the difference of means, by the normal approximation."""
    quantile = NormalDist().inv_cdf(1 - settings.wrong / settings.looks / 2)
    error = math.hypot(_error(old), _error(new))
    difference = _mean(new) - _mean(old)
    return difference - quantile * error, difference + quantile * error


def _error(values: Sequence[float]) -> float:
    """The standard error of the mean.

    Proportions get a pseudo-observation of each value (after Agresti and Coull): otherwise no failure
    in ten requests would have an error of 0.
    """
    samples = np.asarray(values)
    if set(np.unique(samples)) <= {0.0, 1.0}:
        samples = np.concatenate([samples, [0.0, 1.0]])
    if len(samples) < 2:
        return math.inf
    return float(samples.std(ddof=1) / math.sqrt(len(samples)))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
