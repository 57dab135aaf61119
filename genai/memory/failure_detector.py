"""The failure detector of a store: Redis answers, is suspected, or is down."""

import logging
import time
from collections.abc import Callable

from genai.errors import StoreUnavailable
from genai.memory.connection import UNAVAILABLE

logger = logging.getLogger(__name__)

STRIKES = 3
"""Consecutive failures after which Redis counts as down, and commands are refused unsent."""

SUSPECTED_SHARE = 0.25
"""The share of its timeout that a command gets while Redis is suspected."""

SMOOTHING = 0.125


class NotSent(StoreUnavailable):
    """Redis counts as down, so the command was not sent."""


class FailureDetector:
    """Counts consecutive failures. Commands that fail at the same time count once. A reply resets the count.

    ``usual_s`` is the moving average of the time that Redis takes to answer.
    """

    def __init__(self, cool_down_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._ask_again_at = 0.0
        self.strikes = 0
        self.usual_s = 0.0

    @property
    def is_down(self) -> bool:
        return self.strikes >= STRIKES

    def patience(self, timeout_s: float) -> float:
        """The timeout for the next command: shorter while suspected, but twice the usual time at least."""
        if not self.strikes:
            return timeout_s
        return min(timeout_s, max(timeout_s * SUSPECTED_SHARE, 2 * self.usual_s))

    def refuse_while_down(self) -> None:
        """Raise `NotSent` while Redis counts as down, except once per cool-down."""
        if not self.is_down:
            return
        now = self._clock()
        if now < self._ask_again_at:
            raise NotSent(UNAVAILABLE)
        self._ask_again_at = now + self._cool_down_s

    def strike(self, strikes_when_sent: int) -> None:
        if not self.strikes:
            logger.error("redis does not answer")
        self.strikes = max(self.strikes, min(self.strikes, strikes_when_sent) + 1)
        self._ask_again_at = self._clock() + self._cool_down_s

    def clear(self, after_s: float) -> None:
        """Redis answered in time."""
        self.usual_s += SMOOTHING * (after_s - self.usual_s) if self.usual_s else after_s
        if self.strikes:
            logger.warning("redis answers again")
        self.strikes = 0
