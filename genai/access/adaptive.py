"""How many requests to work on at once, found by what it does to the time that they take.

As long as more requests at once take no longer each, the limit grows; where they do, they only wait for
each other inside of the work, and the limit shrinks until they take little longer than in calm times.

Requests are compared with their like: the same operation and model, and about as many tokens.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

TOLERANCE = 3.0
"""How much longer than the quickest of calm times a request may take before there is less work at once.

Twice as long as most of them: less, and whoever works would often have to wait for the next arrival.
"""

WINDOW = 16
"""After so many answers the limit is set anew."""

SMOOTHING = 0.3
GROWTH = 0.3
STEEPEST = 0.5
"""At most by half after each window, so that what began in a crowd does not count for ever."""
RISE_PER_S = 0.1 / 60
"""What is taken for calm rises by a tenth a minute: a model may have become slower for good."""

MOST_KINDS = 1_000


@dataclass(slots=True)
class _Calm:
    """Seconds that a kind of request takes in calm times, as was last known ``at``."""

    seconds: float
    at: float


class AdaptiveLimit:
    """A whole number between ``least`` and ``most``. Pure but for the clock that it is given."""

    def __init__(
        self, *, least: int, most: int, first: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._least = min(least, most)
        self._most = most
        self._clock = clock
        self._limit = float(min(first, most))
        self._calm: dict[tuple[str, int], _Calm] = {}
        self._answers = 0
        self._calm_s = self._taken_s = 0.0
        self._busiest = 0

    @property
    def value(self) -> int:
        return int(self._limit)

    def finished(self, kind: str, tokens: int, seconds: float, running: int) -> None:
        """An answer of so many tokens took so long, when so many requests were worked on."""
        self._calm_s += self._calm_of(kind, tokens, seconds)
        self._taken_s += seconds
        self._busiest = max(self._busiest, running)
        self._answers += 1
        if self._answers >= WINDOW:
            self._adjust()

    def _calm_of(self, kind: str, tokens: int, seconds: float) -> float:
        key, now = (kind, tokens.bit_length()), self._clock()
        known = self._calm.get(key)
        if known is None:
            if len(self._calm) >= MOST_KINDS:
                self._calm.clear()
            self._calm[key] = _Calm(seconds, now)
            return seconds
        if seconds < known.seconds:
            known.seconds += SMOOTHING * (seconds - known.seconds)
        else:
            known.seconds = min(seconds, known.seconds * (1 + RISE_PER_S * (now - known.at)))
        known.at = now
        return min(known.seconds, seconds)

    def _adjust(self) -> None:
        fit = TOLERANCE * self._calm_s / max(self._taken_s, 1e-9)
        if fit < 1.0:
            worked_on = min(self._limit, max(self._busiest, 1))
            self._limit = max(self._least, worked_on * max(fit, STEEPEST))
        elif self._busiest >= self._limit / 2:
            self._limit = min(self._most, self._limit + GROWTH * math.sqrt(self._limit))
        self._answers = self._busiest = 0
        self._calm_s = self._taken_s = 0.0
