import pytest

from genai.analyst.compositions.implied_counts import ImpliedCounts
from tests.support.named_things import find

IMPLIED = ImpliedCounts(["balls", "boxes"], ["broken"], ["prices"])


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("red balls in Rome", "How many red balls in Rome are there?"),
        ("Red balls Rome?", "How many red Balls Rome are there?".replace("Balls", "balls")),
        ("broken boxes that are red", "How many broken boxes that are red?"),
        ("balls of at least 3 kilos last month", "How many balls of at least 3 kilos last month are there?"),
        ("red balls 2025", "How many red balls in 2025 are there?"),
        ("balls since 1 March 2026", "How many balls since 1 March 2026 are there?"),
        ("How much balls are red?", "How many balls are red?"),
        ("Which balls are red? Just the number.", "How many balls are red?"),
        ("Identify the balls that are red: how many?", "How many balls that are red?"),
    ],
)  # fmt: skip
def test_an_implied_count_becomes_how_many(question: str, counted: str) -> None:
    assert IMPLIED.as_count(question, find) == counted


@pytest.mark.parametrize(
    "question",
    [
        "Which balls are red?",
        "List red balls",
        "balls by colour",
        "Delete red balls",
        "average price of red balls",
        "largest balls",
        "red dogs",
        "red balls prices",
    ],
)
def test_anything_else_stays_as_it_is(question: str) -> None:
    assert IMPLIED.as_count(question, find) == question
