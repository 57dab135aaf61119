"""Checks that a query covers the time that the question names."""

import re
from datetime import timedelta
from typing import Final

from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import EARLIEST, MONTHS, Period

RELATIVE: Final = re.compile(r"\bdate\('\d{4}-\d\d-\d\d', ", re.IGNORECASE)
"""Relative to today, so the query contains no year."""

YEAR: Final = re.compile(r"\b(?:19|20)\d\d")
STRETCH: Final = re.compile(r"\b(?:half|months|years)\b", re.IGNORECASE)
NUMBERED: Final = re.compile(r"\d|\btoday\b", re.IGNORECASE)
"""Other checks cover numbers; *today* is mostly the current state."""

MONTHS_NAMED: Final = re.compile(
    rf"\b(?:{'|'.join(month[:3] for month in MONTHS)}|quarter\b|q[1-4]\b)", re.IGNORECASE
)

BEGINS_OR_ENDS: Final = re.compile(
    r"\b(?:since|after|before|until|prior to) (?:the )?(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?)?"
    rf"(?:{'|'.join(month[:3] for month in MONTHS)}|(?:19|20)\d\d)",
    re.IGNORECASE,
)
"""Such as *since March*, which extends beyond that month."""

OF_THE_DAY: Final = re.compile(
    r"\b(?:at|by|during the|over) ?night(?:s|time)?\b"
    r"|\b(?:in|during) (?:the )?(?:mornings?|afternoons?|evenings?)\b"
    r"|\b(?<!due )(?:before|after|until|around|at) (?:noon|midday|midnight|dawn|dusk|lunch(?:time)?)\b"
    r"|\bo['\u2019]clock\b|\b\d{1,2} ?[ap]\.?m\b|\b(?:before|after|until|around|at) \d{1,2}:\d\d\b"
    r"|\b(?:office|business|working|opening|night|daylight|small|peak) hours\b"
    r"|\b(?:which|what) (?:hour|time of (?:the )?day)\b|\b(?:per|by|each) hour\b|\bhourly\b",
    re.IGNORECASE,
)
CLOCK: Final = re.compile(r"%H|, 1[1-4], \d\)|\btime\(|\d\d:\d\d")
"""Reads the time of day."""

COMPARES: Final = re.compile(r"(?:_on|_at|_date|\)) (?:[<>]=?|BETWEEN) ")

QUARTER: Final = timedelta(days=92)


def dated(question: str, mentions: tuple[Mention, ...], sql: str) -> bool:
    if BEGINS_OR_ENDS.search(question) and not COMPARES.search(sql):
        return False
    if OF_THE_DAY.search(question) and not CLOCK.search(sql):
        return False
    if YEAR.search(question):  # which is looked for as any number
        mentions = tuple(m for m in mentions if not STRETCH.search(m.text))
    return RELATIVE.search(sql) is not None or all(
        _stands(period, sql)
        for mention in mentions
        if isinstance(period := mention.kinds.get("period"), Period)
        and (_names_months(mention.text, period) or not NUMBERED.search(mention.text))
    )


def _names_months(text: str, period: Period) -> bool:
    """Such as *in May 2026* or *in Q2 2026*, where the months matter besides the number."""
    return period.start.day == 1 and bool(MONTHS_NAMED.search(text))


def _stands(period: Period, sql: str) -> bool:
    if period.end - period.start <= QUARTER:
        return f"-{period.start:%m}" in sql or f"'{period.start:%m}'" in sql
    begins, last = period.start, period.end - timedelta(days=1)
    if begins == EARLIEST:
        return any(str(day.year) in sql for day in (last, period.end))
    return any(str(day.year) in sql for day in (begins, begins - timedelta(days=1)))
