import pytest

from genai.rag.demands.amounts import amounts, holds_one


def test_amounts_are_read_as_people_write_them() -> None:
    assert amounts("10,000 dollars, 150k or 2.5 million for 12 friends") == [
        10_000,
        150_000,
        2_500_000,
    ]


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
    assert holds_one([10_000], text) is held


def test_without_amounts_nothing_is_held() -> None:
    assert not holds_one([], "up to €2,500")
