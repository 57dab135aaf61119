import pytest

from benchmarks.stats import percentile, summary_ms


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 51), (0.99, 100), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_nothing_has_a_summary_of_zeros() -> None:
    assert summary_ms([]) == {"p50": 0.0, "p99": 0.0, "max": 0.0}


def test_a_summary_is_in_milliseconds() -> None:
    assert summary_ms([0.002]) == {"p50": 2.0, "p99": 2.0, "max": 2.0}
