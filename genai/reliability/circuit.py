"""A circuit breaker: stops calls to a failing back end.

    closed ──(failures in a row)──▶ open ──(cooldown)──▶ half open ──▶ closed, or open again

It only decides; the caller makes the calls. Each process has its own state.
"""

import time
from collections.abc import Callable
from enum import StrEnum


class CircuitState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit:
    """Counts failures in a row. Once open, it lets a single probe through after the cooldown.

    After `allows` returned true, exactly one of `succeed`, `fail` and `forget` must be called.
    """

    def __init__(
        self,
        *,
        failures: int,
        cooldown_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._cooldown_s = cooldown_s
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0
        self._probing = False

    @property
    def state(self) -> CircuitState:
        if self._failures < self._limit:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self.retry_after_s > 0 else CircuitState.HALF_OPEN

    @property
    def retry_after_s(self) -> float:
        """Seconds until a probe may be tried; zero while calls are allowed."""
        if self._failures < self._limit:
            return 0.0
        return max(0.0, self._opened_at + self._cooldown_s - self._clock())

    def allows(self) -> bool:
        """Whether to call now. While half open, only the first to ask may."""
        match self.state:
            case CircuitState.CLOSED:
                return True
            case CircuitState.OPEN:
                return False
            case CircuitState.HALF_OPEN:
                if self._probing:
                    return False
                self._probing = True
                return True

    def succeed(self) -> None:
        self._failures = 0
        self._probing = False

    def fail(self) -> None:
        """A failed probe reopens the circuit, and so do failures of calls that were already running."""
        self._failures += 1
        self._probing = False
        if self._failures >= self._limit:
            self._opened_at = self._clock()

    def forget(self) -> None:
        """The call ended without a result, such as by cancellation."""
        self._probing = False
