"""What a store thinks of Redis: that it answers, that it may be down, that it is down."""

import logging
import time
from collections.abc import Callable

from genai.errors import BackendFailed
from genai.memory.connection import UNAVAILABLE

logger = logging.getLogger(__name__)

STRIKES = 3
"""Failures in a row after which commands are refused without being sent."""

SUSPECTED_SHARE = 0.25
"""Of its time, that a command gets while Redis is suspected."""


class NotAsked(BackendFailed):
    """Redis did not answer repeatedly shortly before, so the command was not sent."""


class Suspicion:
    """Counts failures in a row. What failed at the same time counts once: it has one cause."""

    def __init__(self, cool_down_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._ask_again_at = 0.0
        self.strikes = 0

    @property
    def certain(self) -> bool:
        return self.strikes >= STRIKES

    def patience(self, timeout_s: float) -> float:
        return timeout_s * SUSPECTED_SHARE if self.strikes else timeout_s

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
        self.strikes = max(self.strikes, strikes_when_sent + 1)
        self._ask_again_at = self._clock() + self._cool_down_s

    def clear(self) -> None:
        if self.strikes:
            logger.warning("redis answers again")
        self.strikes = 0
