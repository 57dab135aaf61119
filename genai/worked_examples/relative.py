"""Parses periods relative to an earlier one, such as *the year before* or *in the previous month*."""

import re
from datetime import date
from typing import Final

from genai.worked_examples.periods import MONTHS, Period

RELATIVE_PERIOD: Final = re.compile(
    r"^(?:and|but|ok(?:ay)?|so|now|what about|how about|what of|same for|for|in|during|the|a|one|,|\s)*"
    r"(?:(?P<side>previous|prior|preceding|following|subsequent) (?P<unit>month|year)"
    r"|(?P<other>month|year) (?P<place>before|earlier|prior|after|later))(?: that)?[?.! ]*$",
    re.IGNORECASE,
)
LATER: Final = frozenset({"following", "subsequent", "after", "later"})
DAYS_OF_MONTH: Final = range(28, 32)
DAYS_OF_YEAR: Final = range(365, 367)


def is_relative_period(question: str) -> bool:
    """Whether the question only moves the period of the previous one."""
    return RELATIVE_PERIOD.match(question) is not None


def resolve_period(question: str, period: Period) -> str | None:
    """The moved period, as "in April 2026", or `None`."""
    found = RELATIVE_PERIOD.match(question)
    if found is None or period.start.day != 1:
        return None
    side, unit = (
        (found["side"] or found["place"]).lower(),
        (found["unit"] or found["other"]).lower(),
    )
    step, days = (1 if side in LATER else -1), (period.end - period.start).days
    if unit == "year" and days in DAYS_OF_YEAR and period.start.month == 1:
        return f"in {period.start.year + step}"
    if days not in DAYS_OF_MONTH:
        return None
    first = _month(period.start, step * (12 if unit == "year" else 1))
    return f"in {MONTHS[first.month - 1].capitalize()} {first.year}"


def _month(start: date, months: int) -> date:
    index = start.year * 12 + start.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
