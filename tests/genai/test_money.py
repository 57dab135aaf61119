from hypothesis import given
from hypothesis import strategies as st

from genai.money import micro_usd, usd


@given(st.integers(min_value=0, max_value=10**15))
def test_amounts_survive_conversion_to_dollars_and_back(micro: int) -> None:
    assert micro_usd(usd(micro)) == micro


def test_no_limit_stays_no_limit() -> None:
    assert micro_usd(None) is None
    assert usd(None) is None


def test_dollars_that_floats_cannot_hold_are_rounded_and_not_cut() -> None:
    assert micro_usd(0.29) == 290_000
