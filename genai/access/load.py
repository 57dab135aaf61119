"""The average concurrency during a request.

Keeps the integral of the number of active requests over time, so that entering and leaving take O(1).
"""

from collections.abc import Callable


class Load:
    """The requests that are active in this process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._active = 0
        self._integral = 0.0
        self._at = clock()

    def enter(self) -> "Stay":
        self._advance(1)
        return Stay(self, self._at, self._integral)

    def leave(self, began: float, integral: float) -> float:
        average = self.average(began, integral)
        self._advance(-1)
        return average

    def average(self, began: float, integral: float) -> float:
        """The average since then; at least 1, because the asking request is active."""
        self._advance(0)
        seconds = self._at - began
        return (self._integral - integral) / seconds if seconds > 0 else float(self._active)

    def _advance(self, change: int) -> None:
        now = self._clock()
        self._integral += self._active * (now - self._at)
        self._at = now
        self._active += change


class Stay:
    """One active request. Must be ended exactly once."""

    def __init__(self, load: Load, began: float, integral: float) -> None:
        self._load = load
        self._began = began
        self._integral = integral

    def so_far(self) -> float:
        """The average concurrency until now, including this request."""
        return self._load.average(self._began, self._integral)

    def end(self) -> float:
        """End the request. Returns its average concurrency."""
        return self._load.leave(self._began, self._integral)
