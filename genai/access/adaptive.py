"""How many requests to work on at once, found by what it does to the time that they take.

Who shares the processors with twice as many takes about twice as long. So each answer tells with how many
at once it would just not have been late: as many as there were, times the time it might have taken over
the time it took. The limit follows what all but one answer in fifty tell. Late is what takes longer than
the slowest of calm times by more than four fifths.

Where the work does not grow like that, as with a model that answers many at the same time, the limit gets
to the same point, only in more steps.

Requests are compared with their like: the same operation and model, and about as many tokens.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

SLOWEST_OF = 50
"""The slowest of calm times is what one in so many takes at least."""

KNOWN = 20
"""Answers of calm times after which that is known."""
KEPT = 150

LONGER = 1.8
"""So many times as long, and an answer is late. How long answers take varies more in calm times than in
a flood, so that the slowest of both are near each other while most take longer."""

TOLERANCE = 4.0
"""Until then: so many times as long as the quickest."""
SPREAD = 3.0
"""So many times as long as the quickest is never late. A model that answers many together takes about as long
for each as long as there are few: that says little about what may be borne."""
UNNOTICED_S = 0.005
"""Nor are so many seconds more than the slowest."""

WINDOW = 64
MANY = 8
"""After so many answers the limit is set anew, or as soon as so many of them are late."""

SMOOTHING = 0.3
"""How far the limit goes to what a window tells; and farther where a larger part of it is late."""
STEEPEST = 1.5
"""At most so many times as many after a window as before it."""
CALM = 2
"""So many at work hardly hinder each other."""
RISE_PER_S = 0.1 / 60
"""What is taken for the quickest rises by a tenth a minute: a model may have become slower for good. But only
by answers of few at once: by those of a flood, the limit would rise with what it makes of them."""

MOST_KINDS = 200

SHORTEST_S = 1e-6


@dataclass(slots=True)
class _Known:
    """Seconds that a kind of request takes: the quickest, as was last known ``at``, and the last of calm
    times.
    """

    quickest: float
    at: float
    calm: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    slowest: float | None = None

    def meet(self, seconds: float, now: float, at_once: float) -> None:
        if seconds < self.quickest:
            self.quickest += SMOOTHING * (seconds - self.quickest)
        elif at_once <= CALM:
            self.quickest = min(seconds, self.quickest * (1 + RISE_PER_S * (now - self.at)))
        self.at = now

    def learn(self, seconds: float) -> None:
        self.calm.append(seconds)
        self.slowest = None

    @property
    def bearable(self) -> float:
        """Of the slowest, one is left out: the first after a start takes as long as what is loaded for it."""
        if len(self.calm) < KNOWN:
            return TOLERANCE * self.quickest
        if self.slowest is None:
            self.slowest = sorted(self.calm)[-2 - len(self.calm) // SLOWEST_OF]
        longer = max(LONGER * self.slowest, self.slowest + UNNOTICED_S)
        return max(longer, SPREAD * self.quickest)


class AdaptiveLimit:
    """A number between ``least`` and ``most``. Pure but for the clock that it is given."""

    def __init__(
        self, *, least: int, most: int, first: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._least = min(least, most)
        self._most = most
        self._clock = clock
        self._limit = float(min(first, most))
        self._known: dict[tuple[str, int], _Known] = {}
        self._borne: list[float] = []
        self._late = 0
        self._busiest = 0.0

    @property
    def value(self) -> float:
        return self._limit

    def finished(
        self, kind: str, tokens: int, seconds: float, at_once: float, *, calm: bool = False
    ) -> None:
        """An answer of so many tokens took so long, when so many requests were here on average.

        It is ``calm`` when there was hardly anything else to do: that says nothing about the limit.
        """
        known = self._of(kind, tokens, seconds)
        known.meet(seconds, self._clock(), at_once)
        if calm:
            known.learn(seconds)
            return
        self._late += seconds > known.bearable
        self._busiest = max(self._busiest, at_once)
        self._borne.append(at_once * known.bearable / max(seconds, SHORTEST_S))
        if len(self._borne) >= WINDOW or self._late >= MANY:
            self._adjust()

    def _of(self, kind: str, tokens: int, seconds: float) -> _Known:
        key, now = (kind, tokens.bit_length()), self._clock()
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_KINDS:
                self._known.clear()
            known = self._known[key] = _Known(seconds, now)
        return known

    def _adjust(self) -> None:
        """Few requests tell nothing about many, unless they were late."""
        if self._late or self._busiest >= self._limit / 2:
            borne = sorted(self._borne)[len(self._borne) // SLOWEST_OF]
            aim = min(borne, STEEPEST * self._limit)
            weight = max(SMOOTHING, self._late / len(self._borne))
            limit = self._limit + weight * (aim - self._limit)
            self._limit = min(self._most, max(self._least, limit))
        self._borne.clear()
        self._late, self._busiest = 0, 0.0
