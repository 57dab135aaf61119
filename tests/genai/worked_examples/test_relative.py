from datetime import date

import pytest

from genai.worked_examples.periods import Period, find_periods
from genai.worked_examples.relative import is_relative_period, resolve_period

TODAY = date(2026, 6, 30)


def period(text: str) -> Period:
    [(_, _, found)] = find_periods(text, TODAY)
    return found


@pytest.mark.parametrize(
    ("before", "asked", "meant"),
    [
        ("in April 2026", "And in the previous month?", "in March 2026"),
        ("in January 2026", "and the month before?", "in December 2025"),
        ("in April 2026", "what about the following month", "in May 2026"),
        ("in April 2026", "a year earlier?", "in April 2025"),
        ("in 2025", "And the year before that?", "in 2024"),
    ],
)
def test_a_relative_period_is_resolved(before: str, asked: str, meant: str) -> None:
    assert resolve_period(asked, period(before)) == meant


@pytest.mark.parametrize("before", ["since 2024", "in the last 60 days", "in 2025"])
def test_a_relative_month_needs_a_month_before(before: str) -> None:
    assert resolve_period("and the month before?", period(before)) is None


@pytest.mark.parametrize(
    "asked", ["And last month?", "How many left in the previous month?", "before May"]
)
def test_other_questions_have_no_relative_period(asked: str) -> None:
    assert not is_relative_period(asked)
