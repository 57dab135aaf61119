from datetime import date

import pytest

from genai.worked_examples.periods import find_periods

TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("in May 2026", "2026-05-01", "2026-06-01"),
        ("in december", "2025-12-01", "2026-01-01"),
        ("last month", "2026-05-01", "2026-06-01"),
        ("this month", "2026-06-01", "2026-07-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("during 2025", "2025-01-01", "2026-01-01"),
        ("last week", "2026-06-22", "2026-06-29"),
        ("yesterday", "2026-06-29", "2026-06-30"),
        ("in the past 90 days", "2026-04-02", "2026-07-01"),
        ("over the last two weeks", "2026-06-17", "2026-07-01"),
        ("since 2024", "2024-01-01", "2026-07-01"),
        ("since March 2026", "2026-03-01", "2026-07-01"),
        ("before 1960", "1900-01-01", "1960-01-01"),
        ("after 2020", "2021-01-01", "2026-07-01"),
        ("in Q1 2026", "2026-01-01", "2026-04-01"),
        ("in the second quarter of 2025", "2025-04-01", "2025-07-01"),
        ("in the last quarter of 2025", "2025-10-01", "2026-01-01"),
        ("on 2026-05-03", "2026-05-03", "2026-05-04"),
        ("between January and March 2026", "2026-01-01", "2026-04-01"),
        ("from 2026-01-01 to 2026-01-31", "2026-01-01", "2026-02-01"),
        ("from 2024 to 2025", "2024-01-01", "2026-01-01"),
    ],
)
def test_a_span_of_time_has_a_first_day_and_a_day_after_it(text: str, start: str, end: str) -> None:
    ((_, _, period),) = find_periods(f"spent {text}", TODAY)

    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "text", ["may I ask", "customer 12345", "on 2026-02-31", "between 3 and 5"]
)
def test_texts_without_a_period_have_none(text: str) -> None:
    assert [p for *_, p in find_periods(text, TODAY) if p.label.startswith("on")] == []
    assert "may" not in text or find_periods(text, TODAY) == []


def test_two_periods_are_found() -> None:
    found = find_periods("in May 2026 and in 2025", TODAY)

    assert [period.label for *_, period in found] == ["in May 2026", "in 2025"]
