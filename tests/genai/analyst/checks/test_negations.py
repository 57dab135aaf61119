from pathlib import Path

import pytest

from genai.analyst.checks.negations import Negations
from genai.analyst.vocabulary import read_vocabulary

BANK = Path(__file__).parents[4] / "sample_bank"
NEGATIONS = Negations(read_vocabulary(BANK / "analyst_words.yaml").turned)


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("How many transactions were not made by card?", "t.channel = 'card'"),
        ("customers with a savings account but no card", "EXISTS (SELECT 1 FROM accounts a)"),
        ("Which country besides Germany saw the most?", "c.country = 'Germany'"),
        ("Who doesn't live in Hamburg?", "c.city = 'Hamburg'"),
        ("How many disputes took longer than 60 days?", "d.closed_on > date('2026-06-30')"),
        ("disputes closed within 14 days", "d.closed_on > date('2026-06-30', '-14 days')"),
    ],
)
def test_a_query_that_drops_a_negation_is_refused(question: str, query: str) -> None:
    assert not NEGATIONS.keeps(question, query)


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("How many transactions were not made by card?", "t.channel <> 'card'"),
        ("customers with no card", "NOT EXISTS (SELECT 1 FROM cards k)"),
        ("customers with no more than two cards", "COUNT(*) <= 2"),
        ("disputes opened in the last 30 days, taken together", "d.opened_on > '2026-06-01'"),
        ("disputes that took over 60 days", "JULIANDAY(d.closed_on) - JULIANDAY(d.opened_on) > 60"),
        ("How many notes are there?", "COUNT(*)"),
    ],
)
def test_a_query_with_the_right_negation_passes(question: str, query: str) -> None:
    assert NEGATIONS.keeps(question, query)
