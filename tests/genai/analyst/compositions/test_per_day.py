from datetime import date

import pytest

from genai.analyst.compositions.per_day import per_day
from tests.support.named_things import find

TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("question", "asked", "days"),
    [
        ("How many balls per day on average in May 2026", "How many balls in May 2026?", 31),
        ("Average number of balls per day in 2025", "How many balls in 2025?", 365),
    ],
)
def test_all_of_a_time_is_divided_by_its_days(question: str, asked: str, days: int) -> None:
    found = per_day(question, find, TODAY)

    assert found is not None
    assert found[0] == asked
    assert found[1]("SELECT COUNT(*) AS balls FROM balls b") == (
        f"SELECT ROUND(1.0 * (SELECT COUNT(*) AS balls FROM balls b) / {days}, 2) AS balls_per_day"
    )
    assert found[1]("SELECT ROUND(AVG(b.price), 2) AS price FROM balls b") is None


@pytest.mark.parametrize(
    "question",
    [
        "How many balls per day on average",
        "How many balls per day in May 2026",
        "How many balls per day on average in 2026",
    ],
)
def test_a_time_that_is_open_or_not_over_has_no_days_to_divide_by(question: str) -> None:
    assert per_day(question, find, TODAY) is None
