"""Divides the time of a machine among concurrent calls, to charge for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Occupancy:
    """Accounts for the time of one machine.

    A second with four calls counts a quarter of a second for each, so that all shares add up to the
    busy time. It integrates the share of a single call over time and reads it at the start and end of a
    call: the cost per event is constant.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._running = 0
        self._share_s = 0.0
        self._at = clock()

    @contextmanager
    def entered(self) -> Iterator[Callable[[], float]]:
        """Counts as one call in the block; yields a function that returns its share so far, in seconds."""
        began = self._advance()
        self._running += 1
        try:
            yield lambda: self._advance() - began
        finally:
            self._advance()
            self._running -= 1

    def _advance(self) -> float:
        now = self._clock()
        if self._running:
            self._share_s += (now - self._at) / self._running
        self._at = now
        return self._share_s
