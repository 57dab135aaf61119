import pytest

from benchmarks.chaos.questions import questions
from benchmarks.chaos.soak import Growth, reworded


def test_growth_is_by_requests_and_leaves_the_warm_up_out() -> None:
    warm_up = [(n * 100, 50.0 * n) for n in range(20)]
    steady = [(n * 100, 1000.0 + n * 0.01) for n in range(20, 100)]

    assert Growth(warm_up + steady).per_requests() == pytest.approx(1.0)


def test_a_single_jump_counts_for_little() -> None:
    jump = [(n * 100, 100.0 + (80.0 if n == 60 else 0.0)) for n in range(100)]

    assert Growth(jump).per_requests() == 0.0


def test_memory_that_fills_up_does_not_grow_in_the_second_half() -> None:
    filling = Growth([(n * 100, float(min(n, 45))) for n in range(100)])

    assert filling.per_requests(after=0.5) == 0.0 < filling.per_requests()


def test_growth_without_requests_is_zero() -> None:
    assert Growth([(0, 1.0), (0, 2.0)]).per_requests() == 0.0


def test_every_case_can_be_reworded() -> None:
    for case in questions():
        first, second = reworded(case, 17), reworded(case, 18)

        assert first.body != second.body != case.body
        assert first.body.keys() == case.body.keys()
        assert "case 17. " in str(first.body)
