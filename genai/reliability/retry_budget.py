"""How many repeats a back end has to bear: a back end that is in trouble must not get more work."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 60.0
ALWAYS = 2
"""Repeats in a window that need no calls to earn them, so that a quiet service can repeat at all."""


class RetryBudget:
    """Allows repeats up to a share of the calls of the last minute. The state is this process's own.

    Pure: it decides, and the caller does the calling.
    """

    def __init__(self, share: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._calls: deque[float] = deque()
        self._repeats: deque[float] = deque()

    def call(self) -> None:
        """A caller asks, for the first time."""
        self._calls.append(self._clock())
        self._forget(self._calls)

    def allows(self) -> bool:
        """Whether to ask once more; a yes is counted."""
        self._forget(self._calls)
        self._forget(self._repeats)
        if len(self._repeats) >= max(ALWAYS, int(self._share * len(self._calls))):
            return False
        self._repeats.append(self._clock())
        return True

    def _forget(self, times: deque[float]) -> None:
        oldest = self._clock() - WINDOW_S
        while times and times[0] <= oldest:
            times.popleft()
