import pytest

from genai.rag.demands.amounts import Amount, amounts, holds_one


def test_amounts_are_read_as_people_write_them() -> None:
    assert amounts("10,000 dollars, 150k or 2.5 million for 12 friends") == [
        Amount(10_000),
        Amount(150_000),
        Amount(2_500_000),
    ]


def test_percentages_are_amounts_of_their_own_kind_however_small() -> None:
    assert amounts("85 % of the value, or 5%") == [Amount(85, True), Amount(5, True)]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("| €2,500.01 to €12,500 | €15.00 |", True),
        ("| up to €2,500 | €9.00 |", False),
        ("| above €12,500 | 0.15% |", False),
        ("cash above €5,000 must be ordered", True),
        ("it costs €10.00", False),
    ],
)
def test_a_range_holds_what_lies_in_it(text: str, held: bool) -> None:
    assert holds_one([Amount(10_000)], text) is held


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("between 80% and 90% add 0.3 points", True),
        ("above 80% add 0.4 points", True),
        ("for up to 60 % of the value", False),
        ("for loans above €80", False),
    ],
)
def test_a_range_of_percentages_holds_percentages_only(text: str, held: bool) -> None:
    assert holds_one([Amount(85, percent=True)], text) is held


def test_without_amounts_nothing_is_held() -> None:
    assert not holds_one([], "up to €2,500")
