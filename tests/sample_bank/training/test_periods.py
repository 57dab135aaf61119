"""The SQL of a span of time, run on days, finds the days that the words mean."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from random import Random

import pytest

from genai.worked_examples.periods import find_periods
from sample_bank.generator import REFERENCE_DATE
from sample_bank.training.periods import period

DAYS = [date(2023, 1, 1) + timedelta(days=number) for number in range(4 * 365)]


@pytest.fixture(scope="module")
def days() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE days (day TEXT)")
        rows = [(f"{day} 12:30:00",) for day in DAYS]
        connection.executemany("INSERT INTO days VALUES (?)", rows)
        yield connection


def test_the_query_finds_the_days_that_another_reader_finds(days: sqlite3.Connection) -> None:
    compared = 0
    for seed in range(1500):
        words, pieces = period(Random(seed), "days.day", (2023, 2026))
        read = find_periods(words, REFERENCE_DATE)
        if len(read) != 1 or read[0][:2] != (0, len(words)) or "last" in words:
            continue  # the other reader takes these words for something else, or for nothing
        if "month" in words and read[0][2].start.month == 3:
            continue  # there is no 30 February to begin after, and SQLite goes on to March
        wanted = [day for day in DAYS if read[0][2].start <= day < read[0][2].end]
        found = days.execute(f"SELECT substr(day, 1, 10) FROM days WHERE{''.join(pieces)}")
        got = [date.fromisoformat(day) for (day,) in found]
        compared += 1

        assert [d for d in got if d <= REFERENCE_DATE] == [
            d for d in wanted if d <= REFERENCE_DATE
        ], words
    assert compared > 400


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("last month", "2026-05-01", "2026-05-31"),
        ("last week", "2026-06-22", "2026-06-28"),
        ("last quarter", "2026-01-01", "2026-03-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("the last 7 days", "2026-06-24", "2026-06-30"),
        ("the last 3 months", "2026-03-31", "2026-06-30"),
    ],
)
def test_the_past_is_counted_from_the_reference_date(
    days: sqlite3.Connection, words: str, first: str, last: str
) -> None:
    pieces = next(
        pieces
        for said, pieces in (period(Random(n), "days.day", (2023, 2026)) for n in range(60_000))
        if said.endswith(words)
    )

    query = f"SELECT min(day), max(day) FROM days WHERE day < '2026-07'  AND{''.join(pieces)}"
    ((found_first, found_last),) = days.execute(query).fetchall()

    assert (found_first[:10], found_last[:10]) == (first, last)
