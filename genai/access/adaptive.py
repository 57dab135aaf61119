"""A concurrency limit that adapts to the latency of requests.

Latency grows with the number of requests that share the processors. So each finished request estimates the
concurrency at which its latency would have been just acceptable:

    estimate = concurrency x acceptable latency / latency

The limit follows the 2nd percentile of these estimates. A request is slow if it takes longer than
acceptable: `SLOWDOWN` times the 98th percentile of the latency without load.

If latency does not grow in proportion, as with a model that batches, the limit converges in more steps.

Latencies are compared within a kind: the same operation and model, and a similar number of tokens.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

LEFT_OUT = 50
"""One in so many values is left out as an outlier, of latencies without load and of estimates."""

BASELINE_SAMPLES = 20
"""Requests without load until the acceptable latency is derived from them."""
KEPT_SAMPLES = 150

SLOWDOWN = 1.8
"""Acceptable factor over the slowest latency without load. Without load, latencies vary more than under
overload; so the slowest of both are close while most requests are slower."""

FIRST_SLOWDOWN = 4.0
"""Until the baseline is known: acceptable factor over the fastest latency."""
SPREAD = 3.0
"""Always acceptable: this factor over the fastest latency. A model that batches has nearly constant
latencies without load, which say little about its capacity."""
UNNOTICED_S = 0.005
"""Always acceptable: so much more than the slowest latency without load."""

WINDOW = 64
MANY_SLOW = 8
"""The limit is adjusted after a window of requests, or as soon as this many are slow."""

SMOOTHING = 0.3
"""The least weight of a window's estimate; if more of its requests are slow, their share is the weight."""
STEEPEST = 1.5
"""Largest factor by which the target of a window may exceed the limit."""
UNLOADED = 2
"""At this concurrency, requests hardly slow each other down."""
RISE_PER_S = 0.1 / 60
"""The fastest latency rises by a tenth a minute, because a model may become slower permanently. Only
requests without load raise it: under overload, the limit would rise with the latency that it causes."""

MOST_KINDS = 200

SHORTEST_S = 1e-6


@dataclass(slots=True)
class _Baseline:
    """Latencies in seconds of one kind of request: the fastest, updated ``at``, and the last without load."""

    fastest: float
    at: float
    unloaded: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_SAMPLES))
    slowest: float | None = None

    def update_fastest(self, seconds: float, now: float, concurrency: float) -> None:
        if seconds < self.fastest:
            self.fastest += SMOOTHING * (seconds - self.fastest)
        elif concurrency <= UNLOADED:
            self.fastest = min(seconds, self.fastest * (1 + RISE_PER_S * (now - self.at)))
        self.at = now

    def add_unloaded(self, seconds: float) -> None:
        self.unloaded.append(seconds)
        self.slowest = None

    @property
    def acceptable_s(self) -> float:
        """One more outlier is left out: the first request after a start includes loading."""
        if len(self.unloaded) < BASELINE_SAMPLES:
            return FIRST_SLOWDOWN * self.fastest
        if self.slowest is None:
            self.slowest = sorted(self.unloaded)[-2 - len(self.unloaded) // LEFT_OUT]
        longer = max(SLOWDOWN * self.slowest, self.slowest + UNNOTICED_S)
        return max(longer, SPREAD * self.fastest)


class AdaptiveLimit:
    """A limit between ``least`` and ``most``, fractional; ``first`` is its initial value."""

    def __init__(
        self, *, least: int, most: int, first: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._least = min(least, most)
        self._most = most
        self._clock = clock
        self._limit = float(min(first, most))
        self._baselines: dict[tuple[str, int], _Baseline] = {}
        self._estimates: list[float] = []
        self._slow = 0
        self._busiest = 0.0

    @property
    def value(self) -> float:
        return self._limit

    def finished(
        self, kind: str, tokens: int, seconds: float, concurrency: float, *, unloaded: bool = False
    ) -> None:
        """Record a request's latency and the average concurrency during it.

        An ``unloaded`` one ran with hardly any others: it updates the baseline, not the limit.
        """
        baseline = self._baseline(kind, tokens, seconds)
        baseline.update_fastest(seconds, self._clock(), concurrency)
        if unloaded:
            baseline.add_unloaded(seconds)
            return
        acceptable_s = baseline.acceptable_s
        self._slow += seconds > acceptable_s
        self._busiest = max(self._busiest, concurrency)
        self._estimates.append(concurrency * acceptable_s / max(seconds, SHORTEST_S))
        if len(self._estimates) >= WINDOW or self._slow >= MANY_SLOW:
            self._adjust()

    def _baseline(self, kind: str, tokens: int, seconds: float) -> _Baseline:
        key, now = (kind, tokens.bit_length()), self._clock()
        baseline = self._baselines.get(key)
        if baseline is None:
            if len(self._baselines) >= MOST_KINDS:
                self._baselines.clear()
            baseline = self._baselines[key] = _Baseline(seconds, now)
        return baseline

    def _adjust(self) -> None:
        """A window far below the limit changes it only if requests were slow."""
        if self._slow or self._busiest >= self._limit / 2:
            estimate = sorted(self._estimates)[len(self._estimates) // LEFT_OUT]
            target = min(estimate, STEEPEST * self._limit)
            weight = max(SMOOTHING, self._slow / len(self._estimates))
            limit = self._limit + weight * (target - self._limit)
            self._limit = min(self._most, max(self._least, limit))
        self._estimates.clear()
        self._slow, self._busiest = 0, 0.0
