"""The limit against a simulated server whose cores all requests share."""

import heapq
import math
import random
from dataclasses import dataclass, field

import pytest

from genai.access.adaptive import BASELINE_SAMPLES, SPREAD, UNLOADED, WINDOW, AdaptiveLimit
from genai.access.load import Load, Stay

WORK_S = 0.02
CORES = 2
FIRST = 56


@dataclass
class SharedCores:
    """Works on all requests at the same pace; ``waits_s`` of each need no core."""

    limit: AdaptiveLimit
    waits_s: float = 0.0
    unloaded: bool = True
    now: float = 0.0
    left: list[float] = field(default_factory=list)
    began: list[tuple[float, Stay]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.load = Load(lambda: self.now)

    def run(self, rate: float, seconds: float) -> tuple[list[float], int]:
        """Seconds that the accepted requests took, and how many were refused."""
        draw = random.Random(1)
        self.unloaded = rate < CAPACITY
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
        return max(places, FIRST) if self.unloaded else places

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
        unloaded = self.unloaded and running <= UNLOADED
        self.limit.finished("kind", 100, seconds, stay.end(), unloaded=unloaded)
        return seconds


def served(rate: float, seconds: float = 60.0) -> tuple[SharedCores, list[float], int]:
    server = SharedCores(AdaptiveLimit(least=1, most=128, first=FIRST, clock=lambda: server.now))
    server.run(0.2 * CORES / WORK_S, 20.0)  # low load at first
    server.run(rate, 20.0)  # time to adapt
    took, refused = server.run(rate, seconds)
    return server, took, refused


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


CAPACITY = CORES / WORK_S


def test_at_three_times_the_capacity_latency_at_most_doubles() -> None:
    _, calm, none_refused = served(0.5 * CAPACITY)
    _, took, refused = served(3 * CAPACITY)

    assert none_refused == 0
    assert percentile(took, 0.99) <= 2 * percentile(calm, 0.99)
    assert len(took) / 60.0 >= 0.9 * CAPACITY
    assert refused > 0


def test_hardly_any_request_is_refused_below_the_capacity() -> None:
    _, took, refused = served(0.7 * CAPACITY)

    assert refused < 0.02 * len(took)


def test_the_limit_adapts_to_an_overload_within_some_seconds() -> None:
    server = SharedCores(AdaptiveLimit(least=1, most=128, first=FIRST, clock=lambda: server.now))
    calm, _ = server.run(0.5 * CAPACITY, 20.0)
    server.run(3 * CAPACITY, 5.0)

    took, _ = server.run(3 * CAPACITY, 5.0)

    assert percentile(took, 0.99) <= 2.5 * percentile(calm, 0.99)


def test_requests_that_do_not_slow_each_other_down_are_not_limited() -> None:
    limit = AdaptiveLimit(least=2, most=128, first=128)
    for _ in range(1000):
        limit.finished("remote", 100, 2.0, concurrency=128)

    assert limit.value == 128


def test_the_limit_rises_again_when_requests_are_fast_again() -> None:
    limit = AdaptiveLimit(least=2, most=128, first=128)
    limit.finished("kind", 100, 0.01, concurrency=1)
    for _ in range(2000):
        limit.finished("kind", 100, 1.0, concurrency=128)
    shrunk = limit.value
    for _ in range(5000):
        limit.finished("kind", 100, 0.01, concurrency=limit.value)

    assert shrunk < 10
    assert limit.value == 128


def test_long_answers_are_not_compared_with_short_ones() -> None:
    limit = AdaptiveLimit(least=2, most=64, first=64)
    for _ in range(500):
        limit.finished("kind", 10, 0.01, concurrency=64)
        limit.finished("kind", 1000, 1.0, concurrency=64)

    assert limit.value == 64


def test_a_few_slow_requests_without_load_do_not_lower_the_limit() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=16)
    draw = random.Random(1)
    for _ in range(500):
        limit.finished("kind", 100, draw.expovariate(50), concurrency=1, unloaded=True)
    for _ in range(500):
        limit.finished("kind", 100, draw.expovariate(50), concurrency=16)

    assert limit.value >= 16


def test_the_slowest_latency_without_load_is_acceptable() -> None:
    """Though most of these were ten times as quick."""
    limit = AdaptiveLimit(least=1, most=64, first=16)
    for number in range(1000):
        limit.finished("kind", 100, 0.01 if number % 20 else 0.1, concurrency=1, unloaded=True)
    for _ in range(10 * WINDOW):
        limit.finished("kind", 100, 0.1, concurrency=limit.value)

    assert limit.value > 16


def test_many_slow_requests_adjust_the_limit_before_the_window_is_full() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=56)
    for _ in range(BASELINE_SAMPLES):
        limit.finished("kind", 100, 0.1, concurrency=1, unloaded=True)
    for _ in range(WINDOW // 2):
        limit.finished("kind", 100, 1.0, concurrency=56)

    assert limit.value == pytest.approx(56 * 0.1 * SPREAD / 1.0)


def test_one_slow_first_request_does_not_raise_the_acceptable_latency() -> None:
    limit = AdaptiveLimit(least=1, most=64, first=32)
    for number in range(BASELINE_SAMPLES + 1):
        limit.finished("kind", 100, 0.05 if number else 3.0, concurrency=1, unloaded=True)
    for _ in range(WINDOW):
        limit.finished("kind", 100, 1.5, concurrency=32)

    assert limit.value < 16


def test_the_limit_is_found_in_one_step() -> None:
    """At a concurrency of 100, latency is twenty times the acceptable one: the limit is 5."""
    limit = AdaptiveLimit(least=1, most=128, first=100)
    for _ in range(BASELINE_SAMPLES):
        limit.finished("kind", 100, 0.1, concurrency=1, unloaded=True)
    for _ in range(WINDOW):
        limit.finished("kind", 100, SPREAD * 0.1 * 20, concurrency=100)

    assert limit.value == pytest.approx(5, rel=0.1)


def test_processes_that_share_the_processors_converge_to_the_same_limit() -> None:
    """One begins with a limit of ten, the other with one."""
    limits = [AdaptiveLimit(least=1, most=128, first=first) for first in (10, 1)]
    draw = random.Random(1)
    for limit in limits:
        for _ in range(BASELINE_SAMPLES):
            limit.finished("kind", 100, 0.1, concurrency=1, unloaded=True)
    for _ in range(50 * WINDOW):
        each = sum(limit.value for limit in limits) / len(limits)  # HAProxy sends as many to each
        for limit in limits:
            limit.finished("kind", 100, draw.uniform(0.05, 0.07) * each, concurrency=each)

    assert limits[0].value == pytest.approx(limits[1].value, rel=0.15)


def test_the_limit_of_a_model_that_batches_is_high() -> None:
    """Thirty take little more than twice as long as one alone."""
    limit = AdaptiveLimit(least=1, most=128, first=44)
    draw = random.Random(1)
    for _ in range(100):
        limit.finished("kind", 100, draw.uniform(0.10, 0.11), concurrency=1, unloaded=True)
    for _ in range(100 * WINDOW):
        seconds = draw.uniform(0.10, 0.11) + 0.004 * limit.value
        limit.finished("kind", 100, seconds, concurrency=limit.value)

    assert limit.value > 25


def test_some_milliseconds_more_are_acceptable_for_very_fast_requests() -> None:
    limit = AdaptiveLimit(least=1, most=128, first=4)
    for _ in range(BASELINE_SAMPLES):
        limit.finished("kind", 100, 0.002, concurrency=1, unloaded=True)
    for _ in range(20 * WINDOW):
        limit.finished("kind", 100, 0.002 * limit.value, concurrency=limit.value)

    assert 3 < limit.value < 4


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def of_two_cores(limit: AdaptiveLimit, clock: Clock, work_s: float, minutes: float) -> None:
    """An overload in which latency grows with concurrency."""
    draw = random.Random(1)
    for _ in range(int(minutes * 60 * 10)):
        clock.now += 0.1
        concurrency = limit.value
        seconds = work_s * max(1.0, concurrency / 2) * draw.uniform(0.9, 1.1)
        limit.finished("kind", 100, seconds, concurrency=concurrency)


def known(work_s: float, clock: Clock) -> AdaptiveLimit:
    limit = AdaptiveLimit(least=1, most=128, first=44, clock=clock)
    for _ in range(BASELINE_SAMPLES):
        limit.finished("kind", 100, work_s, concurrency=1, unloaded=True)
    return limit


def test_a_long_overload_does_not_raise_the_acceptable_latency() -> None:
    clock = Clock()
    limit = known(0.1, clock)
    of_two_cores(limit, clock, 0.1, minutes=1)
    at_first = limit.value

    of_two_cores(limit, clock, 0.1, minutes=30)

    assert limit.value == pytest.approx(at_first, rel=0.1)


def test_the_limit_recovers_when_a_model_became_slower_permanently() -> None:
    clock = Clock()
    limit = known(0.1, clock)
    of_two_cores(limit, clock, 0.5, minutes=1)
    at_first = limit.value

    of_two_cores(limit, clock, 0.5, minutes=30)

    assert at_first == 1
    assert limit.value > 2
