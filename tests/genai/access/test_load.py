import pytest

from genai.access.load import Load


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_stay_tells_how_many_were_there_on_average_itself_included() -> None:
    clock = Clock()
    load = Load(clock)
    first = load.enter()
    clock.now = 1.0
    second = load.enter()
    clock.now = 4.0

    assert second.end() == 2.0  # the first was there all the time
    clock.now = 5.0
    assert first.end() == (1 + 2 * 3 + 1) / 5.0


def test_who_leaves_at_once_was_there_with_those_who_were_there() -> None:
    load = Load(Clock())
    stays = [load.enter() for _ in range(3)]

    assert [stay.end() for stay in stays] == [3.0, 2.0, 1.0]


def test_time_in_which_nobody_was_there_counts_for_nobody() -> None:
    clock = Clock()
    load = Load(clock)
    load.enter().end()
    clock.now = 100.0

    stay = load.enter()
    clock.now = 101.0

    assert stay.end() == 1.0


def test_it_is_told_while_the_stay_lasts_too() -> None:
    clock = Clock()
    load = Load(clock)
    stay, other = load.enter(), load.enter()
    clock.now = 2.0
    other.end()
    clock.now = 4.0

    assert stay.so_far() == 1.5
    clock.now = 6.0
    assert stay.end() == pytest.approx(4 / 3)
