"""Reads what a query selects."""

import re
from collections.abc import Iterator
from typing import Final

ALIAS: Final = re.compile(r" AS \w+$")
EDGE: Final = re.compile(r"(\(|\)|,| FROM )")


def selected(sql: str) -> tuple[str, ...]:
    """The expressions of the outermost SELECT, without their names."""
    return tuple(ALIAS.sub("", column) for column in _columns(sql.removeprefix("SELECT ")))


def repeats_itself(sql: str) -> bool:
    """Whether two columns compute the same, so one of them cannot be what its name says."""
    columns = selected(sql)
    return len(set(columns)) < len(columns)


def _columns(text: str) -> Iterator[str]:
    """Splits at commas outside parentheses, up to the FROM outside them."""
    depth, column = 0, ""
    for piece in EDGE.split(text):
        depth += (piece == "(") - (piece == ")")
        if depth == 0 and piece in (",", " FROM "):
            yield column.strip()
            column = ""
            if piece == " FROM ":
                return
        else:
            column += piece
    yield column.strip()
