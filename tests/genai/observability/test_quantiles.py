import math

from hypothesis import given
from hypothesis import strategies as st

from genai.observability.quantiles import RELATIVE_ERROR, Quantiles

durations = st.lists(st.floats(1e-6, 1e5), min_size=1, max_size=200)


@given(durations, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_is_right_to_its_error(values: list[float], share: float) -> None:
    quantiles = Quantiles()
    for value in values:
        quantiles.add(value)

    exact = sorted(values)[max(1, math.ceil(share * len(values))) - 1]

    assert abs(quantiles.at(share) - exact) <= exact * RELATIVE_ERROR * 1.001


def test_percentiles_without_values_are_zero() -> None:
    assert Quantiles().at(0.99) == 0.0


def test_extreme_durations_are_bounded() -> None:
    quantiles = Quantiles()
    for value in (-1.0, 0.0, math.inf):
        quantiles.add(value)

    assert quantiles.at(0.5) < 1e-5
    assert quantiles.at(1.0) < 2e5
