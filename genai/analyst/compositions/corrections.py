"""Corrects known mistakes of the model.

A birthday has no year, but for *born in July* the model writes July of some year. For future periods it
writes past ones: cards that expire in the next three months as of the last three.
"""

import re
from typing import Final

from genai.worked_examples.periods import MONTHS

BORN_IN: Final = re.compile(
    rf"\b(?:born|birthdays?)\b(?: \w+)? (?:in|during) (?:the month of )?(?P<month>{'|'.join(MONTHS)})\b"
    r"(?! ?\d| of \d)",
    re.IGNORECASE,
)
AHEAD: Final = re.compile(
    r"\b(?:next|coming|upcoming) (?P<n>\d+|two|three|four|six|twelve) (?P<unit>day|week|month|year)s\b",
    re.IGNORECASE,
)
WORDS: Final = {"two": 2, "three": 3, "four": 4, "six": 6, "twelve": 12}
BACK: Final = re.compile(
    r"(?:substr\((?P<cut>\w\.\w+), 1, 10\)|(?P<column>\w\.\w+)) >=? "
    r"date\((?P<today>'[\d-]+'), '-(?P<n>\d+) (?P<unit>day|week|month|year)s'\)"
)


def corrected(question: str, sql: str, born: str) -> str:
    """``born`` is the column of birth dates."""
    if month := BORN_IN.search(question):
        number = 1 + MONTHS.index(month["month"].lower())
        yearly = re.compile(rf"(\w\.{born}) LIKE '\d{{4}}-{number:02}%'")
        sql = yearly.sub(rf"substr(\1, 6, 2) = '{number:02}'", sql)
    if ahead := AHEAD.search(question):
        count, unit = WORDS.get(ahead["n"].lower(), ahead["n"]), ahead["unit"].lower()
        sql = BACK.sub(lambda back: _onward(back, str(count), unit), sql)
    return sql


def _onward(back: re.Match[str], count: str, unit: str) -> str:
    """Turns a period before today into the same period after it."""
    if (back["n"], back["unit"]) != (count, unit):
        return back[0]
    column, today = back["cut"] or back["column"], back["today"]
    return f"{column} BETWEEN {today} AND date({today}, '+{count} {unit}s')"
