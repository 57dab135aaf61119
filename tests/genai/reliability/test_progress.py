import pytest

from genai.reliability.progress import MOST_S, Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def looked_at(progress: Progress, clock: Clock, seconds: float, every_s: float = 2.0) -> bool:
    """Whether it is stuck at the end of some time in which somebody looks."""
    stuck = False
    for _ in range(int(seconds / every_s)):
        clock.now += every_s
        stuck = progress.is_stuck()
    return stuck


def test_work_without_a_step_is_stuck_after_its_time(clock: Clock) -> None:
    progress = Progress(60, clock)

    with progress.working():
        assert not looked_at(progress, clock, 60)
        assert looked_at(progress, clock, 2)


def test_each_step_begins_the_time_anew(clock: Clock) -> None:
    progress = Progress(60, clock)

    with progress.working(), progress.working():
        for _ in range(5):
            assert not looked_at(progress, clock, 58)
            progress.step()


def test_who_does_not_work_is_not_stuck_and_neither_is_who_begins(clock: Clock) -> None:
    progress = Progress(60, clock)
    with progress.working():
        pass

    assert not looked_at(progress, clock, 600)
    with progress.working():
        assert not looked_at(progress, clock, 58)


def test_time_in_which_nobody_looked_hardly_counts(clock: Clock) -> None:
    progress = Progress(60, clock)

    with progress.working():
        assert not looked_at(progress, clock, 10 * 3600, every_s=3600)
        assert looked_at(progress, clock, 60, every_s=MOST_S)


def test_those_who_give_up_one_after_the_other_hide_nothing(clock: Clock) -> None:
    progress = Progress(60, clock)
    for _ in range(2):
        with progress.working():
            assert not looked_at(progress, clock, 30)
        clock.now += 600

    with progress.working():
        assert looked_at(progress, clock, 2)
        progress.step()
    with progress.working():
        assert not looked_at(progress, clock, 60)
