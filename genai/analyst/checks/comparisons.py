"""Checks that a query for a comparison covers both sides."""

import re
from typing import Final

from genai.analyst.checks.shares import share_of_each
from genai.analyst.reading.alternatives import Find, alternatives
from genai.worked_examples.mentions import Value
from genai.worked_examples.periods import Period

RATIO: Final = re.compile(
    r"\bratio\b|^how many (?:(?!average).)* (?:per|for (?:each|every|one)) "
    r"(?!(?:calendar )?(?:day|week|month|quarter|year)\b)",
    re.IGNORECASE,
)
DIFFERENCE: Final = re.compile(
    r"\bdifference\b|\bhow (?:much|many) (?:more|fewer|less|higher|lower|larger|bigger|greater|smaller)\b"
    r"|\bby how (?:much|many)\b",
    re.IGNORECASE,
)
COMPARED: Final = re.compile(
    r"\bcompar\w+|\bversus\b|\bvs\b|\bagainst\b"
    r"|\b(?:more|fewer|less|higher|lower|larger|bigger|greater|smaller)\b.* or ",
    re.IGNORECASE,
)
DIVIDES: Final = re.compile(r"\) / \(|/ SUM\(")
TWO_NUMBERS: Final = re.compile(r" GROUP BY |\) - |^SELECT \(|CASE WHEN .* CASE WHEN ")
BY_TIME: Final = re.compile(r"substr\(|strftime\(|CASE |\w_(?:on|at|date)\b")
AMONG: Final = re.compile(r"(?P<column>\w\.\w+) IN \((?P<values>[^()]*)\)")
GROUPED: Final = re.compile(r" GROUP BY (?P<by>.*)$")
OF_ALL: Final = re.compile(r"\(SELECT|\bOVER\b")
TEXT: Final = re.compile(r"'([^']*)'")


def compares(question: str, sql: str, find: Find) -> bool:
    """Whether the query has a number for each of the names that are compared."""
    if share_of_each(question, find) is not None:
        return OF_ALL.search(sql) is not None
    ratio = RATIO.search(question) is not None
    if not ratio and not DIFFERENCE.search(question) and not COMPARED.search(question):
        return True
    sides = alternatives(question, find)
    if sides is None:
        return True
    return (DIVIDES if ratio else TWO_NUMBERS).search(sql) is not None and _sets_apart(
        _values(sides[0], find), _values(sides[1], find), sql
    )


def _sets_apart(first: frozenset[Value], second: frozenset[Value], sql: str) -> bool:
    """Whether the groups of a query are those that are compared, rather than others within both."""
    grouped = GROUPED.search(sql)
    if grouped is None or sql.startswith("SELECT ("):
        return True
    if any(isinstance(value, Period) for value in first ^ second):
        return BY_TIME.search(grouped["by"]) is not None
    compared = {str(value).lower() for value in first ^ second}
    return all(
        found["column"] in grouped["by"]
        for found in AMONG.finditer(sql)
        if compared >= {text.lower() for text in TEXT.findall(found["values"])}
    )


def _values(side: str, find: Find) -> frozenset[Value]:
    return frozenset(value for mention in find(side) for value in mention.kinds.values())
