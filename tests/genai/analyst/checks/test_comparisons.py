import pytest

from genai.analyst.checks.comparisons import compares
from tests.support.named_things import find

ONE = "SELECT COUNT(*) AS balls FROM balls b WHERE b.colour = 'red'"
GROUPS = (
    "SELECT b.colour, COUNT(*) FROM balls b WHERE b.colour IN ('red', 'blue') GROUP BY b.colour"
)
SHARE = "SELECT ROUND(100.0 * SUM(CASE WHEN b.x = 'red' THEN 1 END) / COUNT(*), 2) FROM balls b"
EACH = (
    "SELECT b.size, ROUND(100.0 * COUNT(*) / SUM(COUNT(*)) OVER (), 2) FROM balls b GROUP BY b.size"
)
RATIO = "SELECT 1.0 * (SELECT 6) / (SELECT 3)"


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("Compare red and blue balls", GROUPS, ONE),
        ("Do we have more red or blue balls?", GROUPS, ONE),
        ("How many more red balls than blue balls are there?", GROUPS, ONE),
        ("Ratio of red to blue balls", RATIO, SHARE),
        ("How many red balls are there for each blue ball?", RATIO, ONE),
        ("Share of balls per size", EACH, SHARE),
    ],
)
def test_a_comparison_needs_a_number_for_each_side(question: str, right: str, wrong: str) -> None:
    assert compares(question, right, find)
    assert not compares(question, wrong, find)


@pytest.mark.parametrize(
    "question", ["How many red balls?", "more than 3 or less", "Is it red or not?"]
)
def test_a_comparison_without_names_needs_none(question: str) -> None:
    assert compares(question, ONE, find)
