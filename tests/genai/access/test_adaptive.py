"""The limit against a simulated server whose cores all requests share."""

import heapq
import random
from dataclasses import dataclass, field

from genai.access.adaptive import KNOWN, WINDOW, AdaptiveLimit
from genai.access.fairness import CALM

WORK_S = 0.02
CORES = 2
CROWD = 56


@dataclass
class SharedCores:
    """Works on all requests at the same pace; ``waits_s`` of each need no core."""

    limit: AdaptiveLimit
    waits_s: float = 0.0
    calm: bool = True
    now: float = 0.0
    left: list[float] = field(default_factory=list)
    began: list[float] = field(default_factory=list)

    def run(self, rate: float, seconds: float) -> tuple[list[float], int]:
        """Seconds that the accepted requests took, and how many were refused."""
        draw = random.Random(1)
        self.calm = rate < CAPACITY
        took: list[float] = []
        refused, arrives = 0, self.now
        until = self.now + seconds
        waiting: list[float] = []
        while arrives < until:
            ends = self._first_end()
            if ends is not None and ends <= arrives:
                self._pass_to(ends)
                took.append(self._finish())
                if waiting and len(self.left) < self._places:
                    self._begin(heapq.heappop(waiting))
                continue
            self._pass_to(arrives)
            if len(self.left) < self._places:
                self._begin(arrives)
            elif len(waiting) < max(1, self.limit.value // 2):
                heapq.heappush(waiting, arrives)
            else:
                refused += 1
            arrives += draw.expovariate(rate)
        return took, refused

    @property
    def _places(self) -> int:
        return max(self.limit.value, CROWD) if self.calm else self.limit.value

    def _pace(self) -> float:
        return min(1.0, CORES / len(self.left))

    def _first_end(self) -> float | None:
        return self.now + min(self.left) / self._pace() if self.left else None

    def _pass_to(self, moment: float) -> None:
        if self.left:
            done = (moment - self.now) * self._pace()
            self.left = [left - done for left in self.left]
        self.now = moment

    def _begin(self, arrived: float) -> None:
        self.left.append(WORK_S)
        self.began.append(arrived)

    def _finish(self) -> float:
        first = self.left.index(min(self.left))
        running = len(self.left)
        self.left.pop(first)
        seconds = self.now - self.began.pop(first) + self.waits_s
        calm = self.calm and running <= CALM
        self.limit.finished("kind", 100, seconds, running, calm=calm)
        return seconds


def served(rate: float, seconds: float = 60.0) -> tuple[SharedCores, list[float], int]:
    server = SharedCores(AdaptiveLimit(least=1, most=128, first=CROWD, clock=lambda: server.now))
    server.run(0.2 * CORES / WORK_S, 20.0)  # calm at first
    server.run(rate, 20.0)  # time to adapt
    took, refused = server.run(rate, seconds)
    return server, took, refused


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


CAPACITY = CORES / WORK_S


def test_at_three_times_the_capacity_answers_take_at_most_twice_as_long_as_in_calm() -> None:
    _, calm, none_refused = served(0.5 * CAPACITY)
    _, took, refused = served(3 * CAPACITY)

    assert none_refused == 0
    assert percentile(took, 0.99) <= 2 * percentile(calm, 0.99)
    assert len(took) / 60.0 >= 0.9 * CAPACITY
    assert refused > 0


def test_hardly_anybody_is_refused_below_the_capacity() -> None:
    _, took, refused = served(0.7 * CAPACITY)

    assert refused < 0.02 * len(took)


def test_a_flood_is_met_within_some_seconds_whatever_ran_when_it_began() -> None:
    server = SharedCores(AdaptiveLimit(least=1, most=128, first=CROWD, clock=lambda: server.now))
    calm, _ = server.run(0.5 * CAPACITY, 20.0)
    server.run(3 * CAPACITY, 5.0)

    took, _ = server.run(3 * CAPACITY, 5.0)

    assert percentile(took, 0.99) <= 2.5 * percentile(calm, 0.99)


def test_requests_that_do_not_hinder_each_other_are_not_held_back() -> None:
    limit = AdaptiveLimit(least=2, most=128, first=128)
    for _ in range(1000):
        limit.finished("remote", 100, 2.0, running=128)

    assert limit.value == 128


def test_the_limit_comes_back_when_the_work_is_quick_again() -> None:
    limit = AdaptiveLimit(least=2, most=128, first=128)
    limit.finished("kind", 100, 0.01, running=1)
    for _ in range(2000):
        limit.finished("kind", 100, 1.0, running=128)
    shrunk = limit.value
    for _ in range(5000):
        limit.finished("kind", 100, 0.01, running=limit.value)

    assert shrunk < 10
    assert limit.value == 128


def test_long_answers_are_not_compared_with_short_ones() -> None:
    limit = AdaptiveLimit(least=2, most=64, first=64)
    for _ in range(500):
        limit.finished("kind", 10, 0.01, running=64)
        limit.finished("kind", 1000, 1.0, running=64)

    assert limit.value == 64


def test_a_few_slow_answers_in_calm_times_are_no_reason_to_work_on_fewer() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=16)
    draw = random.Random(1)
    for _ in range(500):
        limit.finished("kind", 100, draw.expovariate(50), running=1, calm=True)
    for _ in range(500):
        limit.finished("kind", 100, draw.expovariate(50), running=16)

    assert limit.value >= 16


def test_answers_may_take_what_the_slowest_of_calm_times_took() -> None:
    """Though most of these were ten times as quick."""
    limit = AdaptiveLimit(least=1, most=64, first=16)
    for number in range(1000):
        limit.finished("kind", 100, 0.01 if number % 20 else 0.1, running=1, calm=True)
    for _ in range(10 * WINDOW):
        limit.finished("kind", 100, 0.1, running=limit.value)

    assert limit.value > 16


def test_when_many_are_late_it_is_not_waited_for_a_whole_window() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=56)
    for _ in range(KNOWN):
        limit.finished("kind", 100, 0.1, running=1, calm=True)
    for _ in range(WINDOW // 2):
        limit.finished("kind", 100, 1.0, running=56)

    assert limit.value <= 56 / 2**4


def test_what_takes_long_once_after_a_start_is_not_taken_for_what_may_be_borne() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=32)
    for number in range(KNOWN + 1):
        limit.finished("kind", 100, 0.05 if number else 3.0, running=1, calm=True)
    for _ in range(WINDOW):
        limit.finished("kind", 100, 1.5, running=32)

    assert limit.value < 16
