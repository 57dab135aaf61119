"""Who occupies a machine, and for how much of its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Occupancy:
    """Divides the time of one machine among the calls that run on it.

    A second with four calls is a quarter of a second for each, so that the shares of all calls add
    up to the time in which the machine was busy. Keeps the time that a single call would have been
    charged since the beginning, and reads it when a call starts and ends: the cost of a call does not
    depend on how many others come and go.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._running = 0
        self._share_s = 0.0
        self._at = clock()

    @contextmanager
    def entered(self) -> Iterator[Callable[[], float]]:
        """Occupies the machine; yields how to ask for one's share so far, in seconds."""
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
