import pytest

from benchmarks.chaos.bounds import upper_bound


def test_no_failure_among_many_says_three_in_that_number() -> None:
    assert upper_bound(0, 3000) == pytest.approx(0.001)


def test_without_a_trial_nothing_is_known() -> None:
    assert upper_bound(0, 0) == 1.0
    assert upper_bound(0, 2) == 1.0


def test_the_bound_of_some_failures_is_wilsons() -> None:
    assert upper_bound(10, 100) == pytest.approx(0.1744, abs=1e-3)
    assert upper_bound(100, 100) == pytest.approx(1.0)
