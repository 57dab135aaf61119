import sqlite3
from contextlib import closing
from datetime import date

import pytest

from genai.analyst.compositions.parts import (
    asks_twice,
    together,
    two_parts,
    with_shared_period,
)
from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import find_periods

BLOCKED = "SELECT COUNT(*) AS cards FROM cards k WHERE k.status = 'blocked'"
EXPIRED = "SELECT COUNT(*) AS cards FROM cards k WHERE k.status = 'expired'"


@pytest.mark.parametrize(
    ("asked", "first", "second"),
    [
        (
            "How many cards are blocked and how many have expired?",
            "How many cards are blocked?",
            "how many have expired?",
        ),
        (
            "How many loans are late, and what is their average rate?",
            "How many loans are late?",
            "what is their average rate?",
        ),
        (
            "How many mortgages are there and what does closing one cost?",
            "How many mortgages are there?",
            "what does closing one cost?",
        ),
        (
            "How many cards are blocked and how do I block mine?",
            "How many cards are blocked?",
            "how do I block mine?",
        ),
    ],
)
def test_a_double_question_is_split(asked: str, first: str, second: str) -> None:
    assert two_parts(asked) == (first, second)


@pytest.mark.parametrize(
    "asked",
    [
        "How many customers have a card and a loan?",
        "Compare mortgages and car loans",
        "In Lisbon and how many in Genoa?",
    ],
)
def test_one_question_stays_whole(asked: str) -> None:
    assert two_parts(asked) is None


def periods(text: str) -> tuple[Mention, ...]:
    found = find_periods(text, date(2026, 6, 30))
    return tuple(
        Mention(start=start, end=end, text=text[start:end].strip(), kinds={"period": period})
        for start, end, period in found
    )


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("How many were won and how many were lost in 2026?", "How many were won in 2026?"),
        ("How many did we win and how many did we lose in May 2026?",
         "How many did we win in May 2026?"),
        ("How many loans were repaid and how many defaulted in 2025?",
         "How many loans were repaid in 2025?"),
    ],
)  # fmt: skip
def test_what_happened_twice_happened_in_the_same_period(asked: str, first: str) -> None:
    parts = two_parts(asked)

    assert parts is not None
    assert with_shared_period(parts, periods) == (first, parts[1])


@pytest.mark.parametrize(
    "asked",
    [
        "How many customers do we have and how many joined in 2026?",
        "How many cards are blocked and how many expired in 2026?",
        "How many loans were late in 2024 and how many were late in 2025?",
        "How many loans were ever repaid and how many were repaid in 2025?",
        "How many loans were repaid and how many were opened in 2025 in Spain?",
        "How many loans were repaid and how many were not?",
    ],
)
def test_what_is_counted_at_its_own_time_keeps_it(asked: str) -> None:
    parts = two_parts(asked)

    assert parts is not None
    assert with_shared_period(parts, periods) == parts


@pytest.mark.parametrize(
    ("asked", "twice"),
    [
        ("how many branches are in Germany and when are they open?", True),
        ("Which city has most customers and how many are there?", True),
        ("How many cards exist, and what do they cost?", True),
        ("How many customers live in Spain and who are older than 60?", False),
        ("How many accounts are frozen and which were opened in 2024?", False),
        ("What is the sum and what is more, the mean?", False),
    ],
)
def test_a_second_question_is_told_from_a_second_condition(asked: str, twice: bool) -> None:
    assert asks_twice(asked) is twice


def test_both_numbers_are_found_by_one_query_and_have_names_of_their_own() -> None:
    query = together(BLOCKED, EXPIRED)

    assert query is not None
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE cards (status TEXT)")
        rows = [("blocked",), ("blocked",), ("expired",)]
        connection.executemany("INSERT INTO cards VALUES (?)", rows)
        found = connection.execute(query)
        assert [column[0] for column in found.description] == ["blocked_cards", "expired_cards"]
        assert found.fetchall() == [(2, 1)]


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ("made LIKE '2023%'", "made LIKE '2024%'", ["cards_2023", "cards_2024"]),
        ("made LIKE '2026-05%'", "made LIKE '2026-06%'", ["cards_2026_05", "cards_2026_06"]),
        ("maker = '3 Suns'", "maker = 'Moon'", ["cards_3_suns", "moon_cards"]),
    ],
)
def test_the_database_accepts_names_made_of_dates_and_numbers(
    one: str, other: str, names: list[str]
) -> None:
    count = "SELECT COUNT(*) AS cards FROM cards k WHERE"
    query = together(f"{count} {one}", f"{count} {other}")

    assert query is not None
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE cards (made TEXT, maker TEXT)")
        found = connection.execute(query)
        assert [column[0] for column in found.description] == names


def test_the_unit_stays_behind_a_date() -> None:
    spent = "SELECT ROUND(SUM(k.paid), 2) AS spent_eur FROM cards k WHERE k.made LIKE "
    query = together(f"{spent}'2026-05%'", f"{spent}'2026-06%'")

    assert query is not None
    assert ") AS spent_2026_05_eur, (" in query
    assert query.endswith(" AS spent_2026_06_eur")


@pytest.mark.parametrize(
    "other",
    [
        "",
        "SELECT c.city, COUNT(*) AS customers FROM customers c GROUP BY c.city",
        "SELECT l.loan_id FROM loans l",
        "SELECT COUNT(*) AS loans, ROUND(MIN(l.rate_percent), 2) AS lowest FROM loans l",
    ],
)
def test_queries_with_several_numbers_are_not_combined(other: str) -> None:
    assert together(BLOCKED, other) is None
    assert together(other, BLOCKED) is None
