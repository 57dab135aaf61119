"""Fills worked examples: values into the SQL, rows into the answer."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from genai.worked_examples.library import OPTIONAL, SLOT, WorkedExample
from genai.worked_examples.mentions import Value
from genai.worked_examples.periods import Period

MAX_ROWS: Final = 25

Slots = Mapping[str, Value]


def fill_sql(example: WorkedExample, slots: Slots) -> str:
    """Fills in literals; a part in ``[[...]]`` stays only if its slots are filled."""

    def literal(slot: re.Match[str]) -> str:
        if slot["kind"] not in slots:
            return str(slot["default"])
        return _literal(slots[slot["kind"]], slot["part"])

    return " ".join(SLOT.sub(literal, _without_unfilled(example.sql, slots)).split())


def fill_answer(
    example: WorkedExample,
    slots: Slots,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    cut: bool,
) -> str:
    """The answer in words, with the values of the rows; only euros are rounded to two decimals."""
    formatted = [_formatted_row(dict(zip(columns, row, strict=True))) for row in rows]
    if not formatted or any(value == "NULL" for value in formatted[0].values()):
        return example.nothing
    names = {kind: _formatted(kind, value) for kind, value in slots.items()}
    lines = [_filled(example.row, slots, {**names, **row}) for row in formatted[:MAX_ROWS]]
    more = cut or len(formatted) > len(lines)
    values = {
        **names,
        **formatted[0],
        "count": f"more than {len(lines)}" if more else str(len(lines)),
        "rows": "; ".join(lines) + (" (and more)" if more else ""),
    }
    text = _filled(example.answer, slots, values).strip()
    return text[:1].upper() + text[1:]


def _without_unfilled(template: str, slots: Slots) -> str:
    def keep(part: re.Match[str]) -> str:
        kinds = {slot["kind"] for slot in SLOT.finditer(part[1])}
        return part[1] if kinds <= slots.keys() else ""

    return OPTIONAL.sub(keep, template)


def _filled(template: str, slots: Slots, values: Mapping[str, str]) -> str:
    return SLOT.sub(
        lambda slot: values.get(slot["kind"], slot[0]), _without_unfilled(template, slots)
    )


def _literal(value: Value, part: str | None) -> str:
    match value, part:
        case Period(start=start), "start":
            return _quoted(start.isoformat())
        case Period(end=end), "end":
            return _quoted(end.isoformat())
        case int(), "where":
            return f"customer_id = {value}"
        case str(), "where":
            return f"name = {_quoted(value)}"
        case int(), _:
            return str(value)
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _formatted_row(row: Mapping[str, str]) -> dict[str, str]:
    return {
        column: _euros(value) if column.endswith("_eur") else value for column, value in row.items()
    }


def _euros(value: str) -> str:
    try:
        return format(Decimal(value).quantize(Decimal("0.01")), "f")
    except InvalidOperation:
        return value


def _formatted(kind: str, value: Value) -> str:
    """Formats a value as the user would: an amount is cents in SQL and euros in words."""
    match value:
        case Period(label=label):
            return label
        case int() if kind.startswith("amount_"):
            return _euros(str(Decimal(value) / 100)).removesuffix(".00")
        case _:
            return str(value)
