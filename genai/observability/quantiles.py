"""Percentiles of a stream of durations, in bounded memory."""

import math
from collections import Counter

RELATIVE_ERROR = 0.02
_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_SHORTEST, _LONGEST = 1e-6, 1e5


class Quantiles:
    """A histogram with exponentially growing bins: percentiles are accurate to 2 %.

    About 630 bins cover a microsecond to a day.
    """

    def __init__(self) -> None:
        self._bins: Counter[int] = Counter()
        self.count = 0

    def add(self, seconds: float) -> None:
        bounded = min(max(seconds, _SHORTEST), _LONGEST)
        self._bins[math.ceil(math.log(bounded, _GAMMA))] += 1
        self.count += 1

    def merged(self, other: "Quantiles") -> "Quantiles":
        """Both as one."""
        both = Quantiles()
        both._bins = self._bins + other._bins
        both.count = self.count + other.count
        return both

    def at(self, share: float) -> float:
        """The duration that ``share`` (0 to 1) of all do not exceed; 0 when there are none."""
        left = max(1, math.ceil(share * self.count))
        for bin_ in sorted(self._bins):
            left -= self._bins[bin_]
            if left <= 0:
                return 2 * _GAMMA**bin_ / (_GAMMA + 1)
        return 0.0
