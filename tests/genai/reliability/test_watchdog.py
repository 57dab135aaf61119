import pytest

from genai.reliability.watchdog import MOST_S, Watchdog


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def looked_at(watchdog: Watchdog, clock: Clock, seconds: float, every_s: float = 2.0) -> bool:
    """Whether it is stuck at the end of some time in which somebody looks."""
    stuck = False
    for _ in range(int(seconds / every_s)):
        clock.now += every_s
        stuck = watchdog.is_stuck()
    return stuck


def test_work_without_a_step_is_stuck_after_its_time(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)

    with watchdog.working():
        assert not looked_at(watchdog, clock, 60)
        assert looked_at(watchdog, clock, 2)


def test_each_step_begins_the_time_anew(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)

    with watchdog.working(), watchdog.working():
        for _ in range(5):
            assert not looked_at(watchdog, clock, 58)
            watchdog.step()


def test_who_does_not_work_is_not_stuck_and_neither_is_who_begins(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)
    with watchdog.working():
        pass

    assert not looked_at(watchdog, clock, 600)
    with watchdog.working():
        assert not looked_at(watchdog, clock, 58)


def test_time_in_which_nobody_looked_hardly_counts(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)

    with watchdog.working():
        assert not looked_at(watchdog, clock, 10 * 3600, every_s=3600)
        assert looked_at(watchdog, clock, 60, every_s=MOST_S)


def test_those_who_give_up_one_after_the_other_hide_nothing(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)
    for _ in range(2):
        with watchdog.working():
            assert not looked_at(watchdog, clock, 30)
        clock.now += 600

    with watchdog.working():
        assert looked_at(watchdog, clock, 2)
        watchdog.step()
    with watchdog.working():
        assert not looked_at(watchdog, clock, 60)
