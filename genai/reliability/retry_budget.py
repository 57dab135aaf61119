"""A retry budget: limits retries to a share of the calls, so that they do not overload a failing back end."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 60.0
ALWAYS = 2
"""Retries per window that are always allowed, so that a service with little traffic can retry at all."""


class RetryBudget:
    """Allows retries up to ``share`` of the calls of the last minute. Each process has its own state."""

    def __init__(self, share: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._calls: deque[float] = deque()
        self._repeats: deque[float] = deque()

    def call(self) -> None:
        """Count a first call."""
        self._calls.append(self._clock())
        self._forget(self._calls)

    def allows(self) -> bool:
        """Whether to retry now. If true, a retry is counted."""
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
