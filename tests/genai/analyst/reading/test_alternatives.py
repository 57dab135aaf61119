import pytest

from genai.analyst.reading.alternatives import alternatives
from tests.support.named_things import find


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        (
            "number of red and blue balls in Rome",
            ("number of red balls in Rome", "number of blue balls in Rome"),
        ),
        ("large red balls versus large blue balls", ("large red balls", "large blue balls")),
        ("balls sold in Rome or in Oslo?", ("balls sold in Rome", "balls sold in Oslo")),
        (
            "sold in December 2025 than in November 2025",
            ("sold in December 2025", "sold in November 2025"),
        ),
        (
            "the price of red balls than that of blue ones",
            ("the price of red balls", "the price of blue ones"),
        ),
    ],
)
def test_each_side_is_the_question_without_the_other(question: str, sides: tuple[str, str]) -> None:
    assert alternatives(question, find) == sides


@pytest.mark.parametrize(
    "question", ["red balls and dogs", "red balls in Rome", "large and blue balls", "cats or dogs"]
)
def test_without_different_names_there_are_no_sides(question: str) -> None:
    assert alternatives(question, find) is None
