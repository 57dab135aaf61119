"""Exponential backoff between retries."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles with each try, with full jitter, so that clients that failed together spread out."""

    base_s: float
    max_s: float
    draw: Callable[[], float] = random.random

    def delay_s(self, tries: int, at_least_s: float = 0.0) -> float:
        """Seconds to wait after ``tries`` tries. ``at_least_s`` is the wait that the server asked for."""
        exponent = min(tries - 1, 32)
        ceiling: float = min(self.max_s, self.base_s * 2**exponent)
        return at_least_s + self.draw() * ceiling
