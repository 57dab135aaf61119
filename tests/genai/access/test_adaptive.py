"""The limit against a simulated server whose cores all requests share."""

import heapq
import math
import random
from dataclasses import dataclass, field

import pytest

from genai.access.adaptive import CALM, KNOWN, SPREAD, WINDOW, AdaptiveLimit
from genai.access.load import Load, Stay

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
    began: list[tuple[float, Stay]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.load = Load(lambda: self.now)

    def run(self, rate: float, seconds: float) -> tuple[list[float], int]:
        """Seconds that the accepted requests took, and how many were refused."""
        draw = random.Random(1)
        self.calm = rate < CAPACITY
        took: list[float] = []
        refused, arrives = 0, self.now
        until = self.now + seconds
        waiting: list[tuple[float, Stay]] = []
        while arrives < until:
            ends = self._first_end()
            if ends is not None and ends <= arrives:
                self._pass_to(ends)
                took.append(self._finish())
                if waiting and len(self.left) < self._places:
                    self._begin(*heapq.heappop(waiting))
                continue
            self._pass_to(arrives)
            if len(self.left) < self._places:
                self._begin(arrives, self.load.enter())
            elif len(waiting) < max(1, self._places // 2):
                heapq.heappush(waiting, (arrives, self.load.enter()))
            else:
                refused += 1
            arrives += draw.expovariate(rate)
        return took, refused

    @property
    def _places(self) -> int:
        places = math.ceil(self.limit.value)
        return max(places, CROWD) if self.calm else places

    def _pace(self) -> float:
        return min(1.0, CORES / len(self.left))

    def _first_end(self) -> float | None:
        return self.now + min(self.left) / self._pace() if self.left else None

    def _pass_to(self, moment: float) -> None:
        if self.left:
            done = (moment - self.now) * self._pace()
            self.left = [left - done for left in self.left]
        self.now = moment

    def _begin(self, arrived: float, stay: Stay) -> None:
        self.left.append(WORK_S)
        self.began.append((arrived, stay))

    def _finish(self) -> float:
        first = self.left.index(min(self.left))
        running = len(self.left)
        self.left.pop(first)
        arrived, stay = self.began.pop(first)
        seconds = self.now - arrived + self.waits_s
        calm = self.calm and running <= CALM
        self.limit.finished("kind", 100, seconds, stay.end(), calm=calm)
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
        limit.finished("remote", 100, 2.0, at_once=128)

    assert limit.value == 128


def test_the_limit_comes_back_when_the_work_is_quick_again() -> None:
    limit = AdaptiveLimit(least=2, most=128, first=128)
    limit.finished("kind", 100, 0.01, at_once=1)
    for _ in range(2000):
        limit.finished("kind", 100, 1.0, at_once=128)
    shrunk = limit.value
    for _ in range(5000):
        limit.finished("kind", 100, 0.01, at_once=limit.value)

    assert shrunk < 10
    assert limit.value == 128


def test_long_answers_are_not_compared_with_short_ones() -> None:
    limit = AdaptiveLimit(least=2, most=64, first=64)
    for _ in range(500):
        limit.finished("kind", 10, 0.01, at_once=64)
        limit.finished("kind", 1000, 1.0, at_once=64)

    assert limit.value == 64


def test_a_few_slow_answers_in_calm_times_are_no_reason_to_work_on_fewer() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=16)
    draw = random.Random(1)
    for _ in range(500):
        limit.finished("kind", 100, draw.expovariate(50), at_once=1, calm=True)
    for _ in range(500):
        limit.finished("kind", 100, draw.expovariate(50), at_once=16)

    assert limit.value >= 16


def test_answers_may_take_what_the_slowest_of_calm_times_took() -> None:
    """Though most of these were ten times as quick."""
    limit = AdaptiveLimit(least=1, most=64, first=16)
    for number in range(1000):
        limit.finished("kind", 100, 0.01 if number % 20 else 0.1, at_once=1, calm=True)
    for _ in range(10 * WINDOW):
        limit.finished("kind", 100, 0.1, at_once=limit.value)

    assert limit.value > 16


def test_when_many_are_late_it_is_not_waited_for_a_whole_window() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=56)
    for _ in range(KNOWN):
        limit.finished("kind", 100, 0.1, at_once=1, calm=True)
    for _ in range(WINDOW // 2):
        limit.finished("kind", 100, 1.0, at_once=56)

    assert limit.value == pytest.approx(56 * 0.1 * SPREAD / 1.0)


def test_what_takes_long_once_after_a_start_is_not_taken_for_what_may_be_borne() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=32)
    for number in range(KNOWN + 1):
        limit.finished("kind", 100, 0.05 if number else 3.0, at_once=1, calm=True)
    for _ in range(WINDOW):
        limit.finished("kind", 100, 1.5, at_once=32)

    assert limit.value < 16


def test_how_many_are_borne_is_found_at_once_not_by_halves() -> None:
    """Beside a hundred, each took twenty times as long as it might: five can be borne."""
    limit = AdaptiveLimit(least=1, most=128, first=100)
    for _ in range(KNOWN):
        limit.finished("kind", 100, 0.1, at_once=1, calm=True)
    for _ in range(WINDOW):
        limit.finished("kind", 100, SPREAD * 0.1 * 20, at_once=100)

    assert limit.value == pytest.approx(5, rel=0.1)


def test_processes_that_share_the_work_agree_on_how_much_each_bears() -> None:
    """Though one of them came out of a crowd with places for ten and the other with one place."""
    limits = [AdaptiveLimit(least=1, most=128, first=first) for first in (10, 1)]
    draw = random.Random(1)
    for limit in limits:
        for _ in range(KNOWN):
            limit.finished("kind", 100, 0.1, at_once=1, calm=True)
    for _ in range(50 * WINDOW):
        each = sum(limit.value for limit in limits) / len(limits)  # an edge sends as many to each
        for limit in limits:
            limit.finished("kind", 100, draw.uniform(0.05, 0.07) * each, at_once=each)

    assert limits[0].value == pytest.approx(limits[1].value, rel=0.15)


def test_a_model_that_answers_many_together_gets_many() -> None:
    """Thirty take little more than twice as long as one alone."""
    limit = AdaptiveLimit(least=1, most=128, first=44)
    draw = random.Random(1)
    for _ in range(100):
        limit.finished("kind", 100, draw.uniform(0.10, 0.11), at_once=1, calm=True)
    for _ in range(100 * WINDOW):
        seconds = draw.uniform(0.10, 0.11) + 0.004 * limit.value
        limit.finished("kind", 100, seconds, at_once=limit.value)

    assert limit.value > 25


def test_some_milliseconds_are_not_noticed_however_quick_answers_are_in_calm() -> None:
    limit = AdaptiveLimit(least=1, most=128, first=4)
    for _ in range(KNOWN):
        limit.finished("kind", 100, 0.002, at_once=1, calm=True)
    for _ in range(20 * WINDOW):
        limit.finished("kind", 100, 0.002 * limit.value, at_once=limit.value)

    assert 3 < limit.value < 4


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def of_two_cores(limit: AdaptiveLimit, clock: Clock, work_s: float, minutes: float) -> None:
    """A flood in which each takes the longer, the more there are."""
    draw = random.Random(1)
    for _ in range(int(minutes * 60 * 10)):
        clock.now += 0.1
        at_once = limit.value
        seconds = work_s * max(1.0, at_once / 2) * draw.uniform(0.9, 1.1)
        limit.finished("kind", 100, seconds, at_once=at_once)


def known(work_s: float, clock: Clock) -> AdaptiveLimit:
    limit = AdaptiveLimit(least=1, most=128, first=44, clock=clock)
    for _ in range(KNOWN):
        limit.finished("kind", 100, work_s, at_once=1, calm=True)
    return limit


def test_however_long_a_flood_lasts_what_it_makes_of_answers_is_not_what_may_be_borne() -> None:
    clock = Clock()
    limit = known(0.1, clock)
    of_two_cores(limit, clock, 0.1, minutes=1)
    at_first = limit.value

    of_two_cores(limit, clock, 0.1, minutes=30)

    assert limit.value == pytest.approx(at_first, rel=0.1)


def test_a_model_that_became_slower_for_good_is_not_held_at_the_least_for_ever() -> None:
    clock = Clock()
    limit = known(0.1, clock)
    of_two_cores(limit, clock, 0.5, minutes=1)
    at_first = limit.value

    of_two_cores(limit, clock, 0.5, minutes=30)

    assert at_first == 1
    assert limit.value > 2
