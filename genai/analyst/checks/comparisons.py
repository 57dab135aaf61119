"""Checks that a query for a comparison covers both sides."""

import re
from typing import Final

from genai.analyst.checks.shares import share_of_each
from genai.analyst.compositions.alternatives import Find, alternatives

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
OF_ALL: Final = re.compile(r"\(SELECT|\bOVER\b")
TEXT: Final = re.compile(r"'([^']*)'")


def compares(question: str, sql: str, find: Find) -> bool:
    """Whether the query has a number for each of the names that are compared."""
    if share_of_each(question, find) is not None:
        return OF_ALL.search(sql) is not None
    ratio = RATIO.search(question) is not None
    if not ratio and not DIFFERENCE.search(question) and not COMPARED.search(question):
        return True
    if alternatives(question, find) is None:
        return True
    return (DIVIDES if ratio else TWO_NUMBERS).search(sql) is not None
