import pytest

from genai.reliability.backoff import Backoff


def test_the_longest_wait_doubles_until_it_reaches_its_limit() -> None:
    backoff = Backoff(base_s=0.5, max_s=3.0, draw=lambda: 1.0)

    assert [backoff.delay_s(tries) for tries in (1, 2, 3, 4, 100)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_waits_are_drawn_from_the_whole_range() -> None:
    assert Backoff(base_s=1.0, max_s=8.0, draw=lambda: 0.0).delay_s(3) == 0.0
    assert Backoff(base_s=1.0, max_s=8.0, draw=lambda: 0.25).delay_s(3) == pytest.approx(1.0)


def test_the_requested_wait_is_the_minimum() -> None:
    assert Backoff(base_s=1.0, max_s=8.0, draw=lambda: 0.5).delay_s(1, 10.0) == 10.5
