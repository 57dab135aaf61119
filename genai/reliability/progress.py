"""Whether work that is under way gets anywhere.

Who looks now and then adds up the time in which somebody worked without a step. A process that was
stopped meanwhile, or did not look, does not hold it against anybody: of each pause only `MOST_S` count.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_S = 5.0


class Progress:
    def __init__(self, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._within_s = within_s
        self._clock = clock
        self._working = 0
        self._silent_s = 0.0
        self._looked_at = clock()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Who gives up makes no step: the silence goes on with the next one."""
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
        """Whether somebody works, and there was no step for ``within_s``. To be asked again and again."""
        self._look()
        return self._working > 0 and self._silent_s > self._within_s

    def _look(self) -> None:
        now = self._clock()
        if self._working:
            self._silent_s += min(now - self._looked_at, MOST_S)
        self._looked_at = now
