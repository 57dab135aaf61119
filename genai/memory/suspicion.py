"""What a store thinks of Redis: that it answers, that it may be down, that it is down."""

import logging
import time
from collections.abc import Callable

from genai.errors import StoreUnavailable
from genai.memory.connection import UNAVAILABLE

logger = logging.getLogger(__name__)

STRIKES = 3
"""Failures in a row after which commands are refused without being sent."""

SUSPECTED_SHARE = 0.25
"""Of its time, that a command gets while Redis is suspected."""

SMOOTHING = 0.125


class NotAsked(StoreUnavailable):
    """Redis did not answer repeatedly shortly before, so the command was not sent."""


class Suspicion:
    """Counts failures in a row. What failed at the same time counts once: it has one cause. Where Redis
    answered something meanwhile, the row begins anew.

    ``usual_s`` is how long Redis takes when it answers.
    """

    def __init__(self, cool_down_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._ask_again_at = 0.0
        self.strikes = 0
        self.usual_s = 0.0

    @property
    def certain(self) -> bool:
        return self.strikes >= STRIKES

    def patience(self, timeout_s: float) -> float:
        """Of a suspected Redis that is far away it would say nothing that it does not answer at once."""
        if not self.strikes:
            return timeout_s
        return min(timeout_s, max(timeout_s * SUSPECTED_SHARE, 2 * self.usual_s))

    def refuse_while_down(self) -> None:
        """Raise `NotAsked`, but for one command in every cool-down."""
        if not self.certain:
            return
        now = self._clock()
        if now < self._ask_again_at:
            raise NotAsked(UNAVAILABLE)
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
