import pytest

from genai.reliability.watchdog import MOST_S, Watchdog


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def stuck_after(watchdog: Watchdog, clock: Clock, seconds: float, every_s: float = 2.0) -> bool:
    """Whether it is stuck after ``seconds`` of regular polls."""
    stuck = False
    for _ in range(int(seconds / every_s)):
        clock.now += every_s
        stuck = watchdog.is_stuck()
    return stuck


def test_work_without_a_step_is_stuck_after_its_time(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)

    with watchdog.working():
        assert not stuck_after(watchdog, clock, 60)
        assert stuck_after(watchdog, clock, 2)


def test_each_step_resets_the_time(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)

    with watchdog.working(), watchdog.working():
        for _ in range(5):
            assert not stuck_after(watchdog, clock, 58)
            watchdog.step()


def test_idle_and_new_work_is_not_stuck(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)
    with watchdog.working():
        pass

    assert not stuck_after(watchdog, clock, 600)
    with watchdog.working():
        assert not stuck_after(watchdog, clock, 58)


def test_time_between_distant_polls_hardly_counts(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)

    with watchdog.working():
        assert not stuck_after(watchdog, clock, 10 * 3600, every_s=3600)
        assert stuck_after(watchdog, clock, 60, every_s=MOST_S)


def test_work_that_ends_without_a_step_does_not_reset_the_time(clock: Clock) -> None:
    watchdog = Watchdog(60, clock)
    for _ in range(2):
        with watchdog.working():
            assert not stuck_after(watchdog, clock, 30)
        clock.now += 600

    with watchdog.working():
        assert stuck_after(watchdog, clock, 2)
        watchdog.step()
    with watchdog.working():
        assert not stuck_after(watchdog, clock, 60)
