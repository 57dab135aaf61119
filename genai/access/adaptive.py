"""How many requests to work on at once, found by what it does to the time that they take.

As long as answers come hardly later than in calm times, the limit grows; where more than one in fifty is
late, they wait for each other inside of the work, and the limit shrinks. Late is what takes longer than
the slowest of calm times by more than a half.

Requests are compared with their like: the same operation and model, and about as many tokens.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

SLOWEST_OF = 50
"""The slowest of calm times is what one in so many takes at least."""

STEP = 0.1
KNOWN = 20
"""Answers of calm times after which that is known."""

LONGER = 1.5
"""So many times as long, and an answer is late. How long answers take varies more in calm times than in
a flood, so that the slowest of both are near each other while most take longer."""

TOLERANCE = 4.0
"""Until then: so many times as long as the quickest."""

WINDOW = 64
MANY = 8
"""After so many answers the limit is set anew, or as soon as so many of them are late."""

SMOOTHING = 0.3
GROWTH = 0.3
STEEPEST = 0.5
"""At most by half after each window, so that what began in a crowd does not count for ever."""
RISE_PER_S = 0.1 / 60
"""What is taken for the quickest rises by a tenth a minute: a model may have become slower for good."""

MOST_KINDS = 1_000


@dataclass(slots=True)
class _Known:
    """Seconds that a kind of request takes: the quickest, as was last known ``at``, and the slowest of
    so many ``answers`` of calm times.
    """

    quickest: float
    at: float
    slowest: float = 0.0
    answers: int = 0

    def meet(self, seconds: float, now: float) -> None:
        if seconds < self.quickest:
            self.quickest += SMOOTHING * (seconds - self.quickest)
        else:
            self.quickest = min(seconds, self.quickest * (1 + RISE_PER_S * (now - self.at)))
        self.at = now

    def learn(self, seconds: float) -> None:
        """Moves the bound up for each answer beyond it, and down by a little for each other one.

        The very first is left out: after a start it takes as long as what has to be loaded for it.
        """
        self.answers += 1
        if self.answers <= 2:
            self.slowest = seconds
        elif seconds > self.slowest:
            self.slowest += STEP * (min(seconds, 2 * self.slowest))
        else:
            self.slowest *= 1 - STEP / (SLOWEST_OF - 1)

    @property
    def bearable(self) -> float:
        known = self.answers >= KNOWN
        return LONGER * self.slowest if known else TOLERANCE * self.quickest


class AdaptiveLimit:
    """A whole number between ``least`` and ``most``. Pure but for the clock that it is given."""

    def __init__(
        self, *, least: int, most: int, first: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._least = min(least, most)
        self._most = most
        self._clock = clock
        self._limit = float(min(first, most))
        self._known: dict[tuple[str, int], _Known] = {}
        self._answers = self._late = self._busiest = 0

    @property
    def value(self) -> int:
        return int(self._limit)

    def finished(
        self, kind: str, tokens: int, seconds: float, running: int, *, calm: bool = False
    ) -> None:
        """An answer of so many tokens took so long, when so many requests were worked on.

        It is ``calm`` when there was hardly anything else to do: that says nothing about the limit.
        """
        known = self._of(kind, tokens, seconds)
        if calm:
            known.learn(seconds)
            return
        self._late += seconds > known.bearable
        self._busiest = max(self._busiest, running)
        self._answers += 1
        if self._answers >= WINDOW or self._late >= MANY:
            self._adjust()

    def _of(self, kind: str, tokens: int, seconds: float) -> _Known:
        key, now = (kind, tokens.bit_length()), self._clock()
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_KINDS:
                self._known.clear()
            known = self._known[key] = _Known(seconds, now)
        known.meet(seconds, now)
        return known

    def _adjust(self) -> None:
        late = self._late / self._answers
        if late > 1 / SLOWEST_OF:
            worked_on = min(self._limit, max(self._busiest, 1))
            self._limit = max(self._least, worked_on * max(1 - late, STEEPEST))
        elif not self._late and self._busiest >= self._limit / 2:
            self._limit = min(self._most, self._limit + GROWTH * math.sqrt(self._limit))
        self._answers = self._late = self._busiest = 0
