"""How long to wait before the next try."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential, with full jitter: clients that failed together do not come back together."""

    base_s: float
    max_s: float
    draw: Callable[[], float] = random.random

    def delay_s(self, tries: int, at_least_s: float = 0.0) -> float:
        """Seconds to wait after so many tries. ``at_least_s`` is what the other side asked for."""
        exponent = min(tries - 1, 32)
        ceiling: float = min(self.max_s, self.base_s * 2**exponent)
        return at_least_s + self.draw() * ceiling
