"""Rate limits of one process, while Redis does not answer."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from genai.settings.access import Allowance

WINDOW_S = 60.0
MOST_KEYS = 10_000


@dataclass(slots=True)
class _Window:
    entries: deque[list[float]] = field(default_factory=deque)  # [time, tokens], oldest first
    tokens: float = 0.0
    running: int = 0


@dataclass(frozen=True, slots=True)
class Admission:
    """``settle`` ends the request and adds tokens to the estimate; None means: refused."""

    settle: Callable[[int], None] | None
    retry_after_s: float
    remaining_requests: int
    remaining_tokens: int


class LocalLimits:
    """Sliding windows of 60 seconds. Admits ``share`` of each allowance, at least one request."""

    def __init__(self, share: float, clock: Callable[[], float]) -> None:
        self._share = share
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def admit(self, key_id: str, allowance: Allowance, tokens: int) -> Admission:
        window = self._window(key_id)
        requests = self._part(allowance.requests_per_minute)
        most_tokens = self._part(allowance.tokens_per_minute)
        full = len(window.entries) >= requests or window.tokens + tokens > most_tokens
        busy = window.running >= self._part(allowance.concurrent_requests)
        settle = None if full or busy else self._take(window, tokens)
        return Admission(
            settle,
            self._until_free(window) if full else 1.0,
            max(0, requests - len(window.entries)),
            max(0, int(most_tokens - window.tokens)),
        )

    def _part(self, limit: int) -> int:
        return max(1, int(limit * self._share))

    def _window(self, key_id: str) -> _Window:
        if len(self._windows) >= MOST_KEYS:
            self._windows.clear()
        window = self._windows.setdefault(key_id, _Window())
        while window.entries and window.entries[0][0] <= self._clock() - WINDOW_S:
            window.tokens -= window.entries.popleft()[1]
        return window

    def _until_free(self, window: _Window) -> float:
        if not window.entries:
            return WINDOW_S
        return window.entries[0][0] + WINDOW_S - self._clock()

    def _take(self, window: _Window, tokens: int) -> Callable[[int], None]:
        entry = [self._clock(), float(tokens)]
        window.entries.append(entry)
        window.tokens += tokens
        window.running += 1

        def settle(more: int) -> None:
            window.running -= 1
            if window.entries and window.entries[0][0] <= entry[0]:
                entry[1] += more
                window.tokens += more

        return settle
