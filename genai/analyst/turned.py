"""Does a query turn around what the question turns around, and measure what it says how long took?

A small model drops *not* more easily than a name, and the query then counts the very opposite.
"""

import re
from typing import Final

NEGATED: Final = re.compile(
    r"\b(?:not|no|never|without|neither|nor|none|except|excluding|besides|outside|non)\b"
    r"|\b(?:other than|apart from|aside from)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
COMPARED: Final = re.compile(
    r"\b(?:no|not) (?:more|less|fewer|later|earlier|older|younger|longer) than\b"
    r"|\b(?:not )?(?:yet )?\bor not\b|\bwhy not\b|\bno\. ?\d",
    re.IGNORECASE,
)
"""These turn nothing around."""

TURNS: Final = re.compile(r"<>|!=|\bNOT\b|\bEXCEPT\b|\bIS NULL\b|= 0\b|< 1\b", re.IGNORECASE)

LASTED: Final = re.compile(
    r"\b(?:took|taken|lasted|longer than|shorter than)\b[^.?]*\b(?:days?|weeks?|months?)\b"
    r"|\b(?:closed|settled|resolved|decided|repaid|answered) (?:with)?in (?:\w+ ){0,3}(?:days?|weeks?)\b",
    re.IGNORECASE,
)
WINDOW: Final = re.compile(r"\bin(?: the)? (?:last|past|previous)\b", re.IGNORECASE)
MEASURES: Final = re.compile(r"\bJULIANDAY\(", re.IGNORECASE)


def turned(question: str, sql: str) -> bool:
    """Whether the query has a negation, if the question has one, and a duration likewise."""
    if NEGATED.search(COMPARED.sub(" ", question)) and not TURNS.search(sql):
        return False
    lasted = LASTED.search(question) and not WINDOW.search(question)
    return not lasted or MEASURES.search(sql) is not None
