"""Extracts from an outcome the list that a map node iterates over."""

import json
import re
from collections.abc import Sequence

from genai.plans.outcome import Outcome
from genai.tools.database import SEPARATOR

LONGEST = 200
"""Maximum characters of an item."""

_BULLET = re.compile(r"^\s*(?:[-*\u2022]|\d{1,3}[.)])\s+")


def items_of(outcome: Outcome, column: str | None) -> list[str]:
    """The distinct items in order, each on one line."""
    found = _column(outcome, column) if column else _listed(outcome.text)
    lines = (" ".join(item.split())[:LONGEST] for item in found)
    return list(dict.fromkeys(line for line in lines if line))


def _listed(text: str) -> Sequence[str]:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        listed = None
    if isinstance(listed, list):
        return [item if isinstance(item, str) else json.dumps(item) for item in listed]
    return [_BULLET.sub("", line) for line in text.splitlines()]


def _column(outcome: Outcome, column: str) -> Sequence[str]:
    """A column of the last table that has it, in the format of `genai.tools.database.Rows`."""
    for step in reversed(outcome.steps):
        head, *rows = step.observation.split("\n")
        names = head.split(SEPARATOR)
        if column in names:
            cells = [row.split(SEPARATOR) for row in rows[:-1]]
            return [row[names.index(column)] for row in cells if len(row) == len(names)]
    return ()
