"""Checks that a query compares each column only with values that it can have, and with one of them.

A model that confuses two words writes ``status = 'credit'``, and the count of nothing is told as 0.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from genai.analyst.reading.features import AMONG, TEXT

QUOTED: Final = re.compile(r"'([^']*)'")
INNERMOST: Final = re.compile(r"\(([^()]*)\)")
IS: Final = re.compile(r"\b(\w\.\w+) = '([^']*)'")
LOOKED_UP: Final = re.compile(r"LOWER\((\w\.\w+)\) = TRIM\(' *([^']*)'\)")


class AllowedValues:
    """``values`` are the possible values of each column, such as ``k.status``."""

    def __init__(self, values: Mapping[str, tuple[str, ...]]) -> None:
        self._values = values
        self._known = frozenset(value for all_of_it in values.values() for value in all_of_it)

    def possible(self, sql: str) -> bool:
        return all(
            value in self._values.get(column, ()) or not self._is_elsewhere(column, value)
            for column, value in _looked_for(sql)
        ) and not (
            any(map(_contradicts_itself, _levels(LOOKED_UP.sub(r"\1 = '\2'", sql))))
            or _repeats(sql)
        )

    def _is_elsewhere(self, column: str, value: str) -> bool:
        """Whether the column cannot have the value, or only another column can."""
        return column in self._values or value in self._known


def _looked_for(sql: str) -> Iterator[tuple[str, str]]:
    for alias, column, _, value in TEXT.findall(sql):
        yield f"{alias}.{column}", value
    for alias, column, values in AMONG.findall(sql):
        for value in QUOTED.findall(values):
            yield f"{alias}.{column}", value


def _repeats(sql: str) -> bool:
    """Whether a list of values repeats one."""
    return any(
        len(found) != len(set(found))
        for _, _, values in AMONG.findall(sql)
        if (found := QUOTED.findall(values))
    )


def _levels(sql: str) -> Iterator[str]:
    """The text of each level of parentheses, without deeper levels."""
    while inner := INNERMOST.search(sql):
        yield inner[1]
        sql = f"{sql[: inner.start()]} {sql[inner.end() :]}"
    yield sql


def _contradicts_itself(level: str) -> bool:
    if " OR " in level or " WHEN " in level:
        return False
    wanted: dict[str, str] = {}
    return any(
        wanted.setdefault(column, value.lower()) != value.lower()
        for column, value in IS.findall(level)
    )
