"""The conditions of a query in words, so that whoever asked sees how the question was understood."""

import re
from collections.abc import Callable, Iterator
from math import prod
from typing import Final

WHERE: Final = re.compile(r" WHERE (.*?)(?: GROUP BY | ORDER BY | LIMIT |$)")
PART: Final = re.compile(r" AND (?![^()]*\))")
BETWEEN: Final = re.compile(r"( BETWEEN \S+(?: \* \d+)*) AND ")
HIDDEN: Final = "\0"
"""Stands for the AND of a BETWEEN, which joins no conditions."""

COMPARED: Final = {
    "=": "",
    "<>": "not ",
    ">": "above ",
    "<": "below ",
    ">=": "from ",
    "<=": "up to ",
    "LIKE": "",
}
_COLUMN: Final = r"(?:substr\()?\w\.(?P<column>\w+)(?:, 1, \d+\))?"
_VALUE: Final = r"(?:'(?P<text>[^']*)'|(?P<number>\d+(?:\.\d+)?(?: \* \d+)*))"
_RANGE: Final = r"(?:'(?P<from>[^']*)'|(?P<low>[\d. *]+))\0(?:'(?P<to>[^']*)'|(?P<high>[\d. *]+))"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def understood(sql: str) -> str:
    """Such as "segment premium, joined on 2025"; empty when a condition has no words."""
    found = WHERE.search(sql)
    if found is None or " FROM (" in sql:
        return ""
    parts = [_said(part) for part in _parts(found[1])]
    return "" if None in parts else ", ".join(part for part in parts if part)


def _parts(conditions: str) -> Iterator[str]:
    yield from PART.split(BETWEEN.sub(rf"\1{HIDDEN}", conditions))


def _said(condition: str) -> str | None:
    for pattern, words in RULES:
        if match := pattern.fullmatch(condition):
            return words(match)
    return None


def _compared(match: re.Match[str]) -> str:
    value = match["text"].rstrip("%") if match["text"] else _number(match["number"], match)
    return f"{_name(match)} {COMPARED[match['sign']]}{value}"


def _ranged(match: re.Match[str]) -> str:
    if match["from"] is not None:
        return f"{_name(match)} {match['from']} to {match['to']}"
    return f"{_name(match)} {_number(match['low'], match)} to {_number(match['high'], match)}"


def _name(match: re.Match[str]) -> str:
    return match["column"].removesuffix("_cents").replace("_", " ")


def _number(text: str, match: re.Match[str]) -> str:
    """Amounts stand in cents, as products with 100."""
    factors = [float(factor) for factor in text.split(" * ")]
    if match["column"].endswith("_cents"):
        return f"{_plain(prod(factors) / 100)} EUR"
    return _plain(prod(factors))


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"t\.amount_cents ([<>]) 0"), lambda m: f"money {'out' if m[1] == '<' else 'in'}"),
    (re.compile(r"LOWER\(\w\.name\) = TRIM\(' ?([^']*)'\)"), lambda m: f"name {m[1].title()}"),
    (re.compile(rf"{_COLUMN} (?P<sign>=|<>|>=|<=|>|<|LIKE) {_VALUE}"), _compared),
    (re.compile(rf"{_COLUMN} BETWEEN {_RANGE}"), _ranged),
)
