"""Each wrong query is one that a small model wrote for the question, or could write."""

from pathlib import Path

import pytest

from genai.analyst.checks.unasked import UnaskedCheck
from genai.analyst.vocabulary import read_vocabulary
from genai.worked_examples.library import read_library
from genai.worked_examples.mentions import Extractor, Mention

BANK = Path(__file__).parents[4] / "sample_bank"
EXTRACTOR = Extractor(read_library(BANK / "sql_examples.yaml"))
UNASKED = UnaskedCheck(read_vocabulary(BANK / "analyst_words.yaml").unasked)
CUSTOMERS = "SELECT COUNT(*) AS customers FROM customers c WHERE"
CARDS = "SELECT COUNT(*) AS cards FROM cards k WHERE"
DURATION = (
    "SELECT ROUND(AVG(julianday(d.closed_on) - julianday(d.opened_on)), 2) AS average_duration_days"
    " FROM disputes d WHERE"
)


def find(question: str) -> tuple[Mention, ...]:
    return tuple(EXTRACTOR.find(question))


def asked(question: str, sql: str) -> bool:
    return UNASKED.asked(question, find(question), sql)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("How many cards expire soon?", f"{CARDS} k.status = 'expired'"),
        ("How many people live in Hamburg?", f"{CUSTOMERS} c.segment = 'business'"),
        ("Average days until a dispute is closed", f"{DURATION} d.status = 'won'"),
        ("Average days until a dispute is closed", f"{DURATION} d.status = 'open'"),
        ("How many cards are there?", f"{CARDS} k.type IN ('debit', 'credit')"),
        ("How many joined before their branch opened?", f"{CUSTOMERS} c.joined_on < '2026'"),
        ("How many joined by the end of the year?", f"{CUSTOMERS} c.joined_on LIKE '2025%'"),
        ("How many are called Wagner?", f"{CUSTOMERS} LOWER(c.name) = TRIM(' wagner')"),
        ("How many are called Wagner?", f"{CUSTOMERS} LOWER(c.name) = TRIM(' theo wagner')"),
    ],
)
def test_a_condition_without_a_word_behind_it_is_a_mistake(question: str, sql: str) -> None:
    assert not asked(question, sql)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("How many cards have run out?", f"{CARDS} k.status = 'expired'"),
        ("How many cards are bloked?", f"{CARDS} k.status = 'blocked'"),
        ("How many firms bank here?", f"{CUSTOMERS} c.segment = 'business'"),
        ("How many disputes have not been closed?", f"{DURATION} d.status = 'open'"),
        ("How many joined in 2025?", f"{CUSTOMERS} c.joined_on LIKE '2025%'"),
        ("How many joined last year?", f"{CUSTOMERS} c.joined_on LIKE '2025%'"),
        ("How many joined in the spring?", f"{CUSTOMERS} c.joined_on >= '2026-03-01'"),
        ("Where does Theo Wagner live?", f"{CUSTOMERS} LOWER(c.name) = TRIM(' theo wagner')"),
        ("How much was spent?", "SELECT 1 FROM transactions t WHERE t.amount_cents < 0"),
    ],
)
def test_other_names_of_a_value_ask_for_it(question: str, sql: str) -> None:
    assert asked(question, sql)


def test_a_condition_that_a_word_was_mistaken_for_is_left_out() -> None:
    date = "substr(k.expires_on, 1, 4) <= '2026'"
    sql = f"{CARDS} k.status = 'expired' AND {date}"

    assert UNASKED.without("How many cards expire before 2027?", sql) == f"{CARDS} {date}"
    assert UNASKED.without("How many expired cards expire in 2026?", sql) == sql


def test_the_duration_of_what_is_closed_is_not_that_of_what_is_open() -> None:
    mended = UNASKED.without("How long until a dispute is closed?", f"{DURATION} d.status = 'open'")

    assert mended == f"{DURATION} d.closed_on IS NOT NULL"
