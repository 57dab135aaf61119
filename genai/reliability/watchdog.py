"""A watchdog: detects work that makes no progress.

It adds up the time, between polls, in which work was running and no step was reported. At most `MOST_S`
of each interval count, so that a process that was stopped, or not polled, raises no false alarm.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_S = 5.0


class Watchdog:
    def __init__(self, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._within_s = within_s
        self._clock = clock
        self._working = 0
        self._silent_s = 0.0
        self._looked_at = clock()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work is running within the block. Leaving it is not a step."""
        self._look()
        self._working += 1
        try:
            yield
        finally:
            self._look()
            self._working -= 1

    def step(self) -> None:
        self._silent_s = 0.0
        self._looked_at = self._clock()

    def is_stuck(self) -> bool:
        """Whether work is running and there was no step for ``within_s``. Must be polled regularly."""
        self._look()
        return self._working > 0 and self._silent_s > self._within_s

    def _look(self) -> None:
        now = self._clock()
        if self._working:
            self._silent_s += min(now - self._looked_at, MOST_S)
        self._looked_at = now
