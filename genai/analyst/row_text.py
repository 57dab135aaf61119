"""Puts the rows of a query into words, with every value as the database returned it."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from genai.analyst.compositions.ties import SO_FAR

ROWS: Final = 25
UNITS: Final = {
    "eur": "EUR",
    "percent": "percent",
    "years": "years",
    "days": "days",
    "months": "months",
}
NOTHING: Final = "I found nothing that matches that."
NULL: Final = "NULL"
DATED: Final = (" on", " at")
"""Suffixes that read well before a date: *opened on*."""

DATE_PART: Final = re.compile(r"(?<=\d)_(?=\d\d(?:_|$))")
"""Within a date of a column name: ``disputes_2026_05``."""

Row = Sequence[str]


def rows_in_words(columns: Row, rows: Sequence[Row], *, cut: bool) -> str:
    """Formats a number, the fields of one row, or a list. Amounts get two decimals."""
    if not rows or all(value == NULL for value in rows[0]):
        return NOTHING
    shown = [number for number, column in enumerate(columns) if column != SO_FAR]
    heads = [_head(columns[number]) for number in shown]
    values = [[row[number] for number in shown] for row in rows]
    if len(rows) > 1:
        return _list(heads, values, cut=cut)
    facts = [_fact(*head, value) for head, value in zip(heads, values[0], strict=True)]
    return _sentence("; ".join(facts))


def _head(column: str) -> tuple[str, str]:
    """The name and unit of a column: ``total_balance_eur`` is a total balance in EUR."""
    column = DATE_PART.sub("-", column)
    name, _, unit = column.rpartition("_")
    if column in UNITS:
        return "share" if column == "percent" else column, UNITS[column]
    if unit in UNITS:
        return name.replace("_", " "), UNITS[unit]
    return column.replace("_", " "), ""


def _fact(name: str, unit: str, value: str) -> str:
    if not unit and name.endswith("s") and value.isdigit():
        return f"{value} {_singular(name) if value == '1' else name}"
    return f"{name}: {_value(unit, value)}"


def _list(heads: Sequence[tuple[str, str]], rows: Sequence[Row], *, cut: bool) -> str:
    names = [name for name, _ in heads]
    if len(names) == 2 and names[1].endswith(DATED):
        dates = [f"{first}, {names[1]} {_value('', second)}" for first, second in rows[:ROWS]]
        return _sentence(f"{'; '.join(dates)}{_more(rows, cut=cut)}")
    about = f"{names[1]} by {names[0]}" if len(names) == 2 else ", ".join(names)
    shown = [
        ", ".join(_value(unit, value) for (_, unit), value in zip(heads, row, strict=True))
        for row in rows[:ROWS]
    ]
    return _sentence(f"{about}: {'; '.join(shown)}{_more(rows, cut=cut)}")


def _more(rows: Sequence[Row], *, cut: bool) -> str:
    return " (and more)" if cut or len(rows) > ROWS else ""


def _value(unit: str, value: str) -> str:
    if value == NULL:
        return "unknown"
    return f"{_amount(value) if unit == 'EUR' else value} {unit}".rstrip()


def _amount(value: str) -> str:
    try:
        return format(Decimal(value).quantize(Decimal("0.01")), "f")
    except InvalidOperation:
        return value


def _singular(name: str) -> str:
    return name.removesuffix("es") if name.endswith("ches") else name.removesuffix("s")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
