"""Checks that a query negates what the question negates, and measures durations that it asks for.

A small model drops *not* more easily than a name, and the query then counts the opposite.
"""

import re
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.vocabulary import either

NEGATED: Final = re.compile(
    r"\b(?:not|no|never|without|neither|nor|none|except|excluding|besides|outside|non|nothing)\b"
    r"|\b[a-z]{2,}-free\b|\bw/o\b|\b(?:other than|apart from|aside from)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
COMPARED: Final = re.compile(
    r"\b(?:no|not) (?:more|less|fewer|later|earlier|older|younger|longer|sooner|higher|lower) than\b"
    r"|\bnot (?:even|below|above|under|over|before|after|until)\b|\bnot yet (?=\d)"
    r"|\b(?:not )?(?:yet )?\bor not\b|\bwhy not\b",
    re.IGNORECASE,
)
"""Comparisons with a negative word, which negate nothing."""

IDIOMS: Final = (
    r"\bno\b\.? ?(?=#?\d|of\b)|\bno[ -]longer\b|\bno (?:rush|hurry|details?|problem|idea)\b"
    r"|\bnothing (?:else|but|left)\b|\bnot sure\b|\bnot only\b"
    r"|\b(?:can|doesn|don|isn|aren|hasn|haven|didn|wasn)['\u2019]t"
    r" (?:remember|mind|recall|know|he|she|it|they|we|you)\b"
)
"""Idioms with a negative word."""

NEITHER: Final = re.compile(r"\bneither\b.*\bnor\b", re.IGNORECASE)
TURNS: Final = r"<>|!=|\bNOT\b|\bEXCEPT\b|\bIS NULL\b|= 0\b|< 1\b"
LASTED: Final = r"\b(?:took|taken|lasted)\b[^.?]*\b(?:days?|weeks?|months?)\b"
WINDOW: Final = re.compile(r"\bin(?: the)? (?:last|past|previous)\b", re.IGNORECASE)
MEASURES: Final = re.compile(r"\bJULIANDAY\(", re.IGNORECASE)

FOR: Final = re.compile(
    r"\b(?:longer|shorter) than\b[^.?]*\b(?:days?|weeks?|months?)\b"
    r"|\bfor (?:more than|less than|over|at least|under) (?:\w+ ){1,2}?(?:days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
BACK: Final = re.compile(r"\bJULIANDAY\(|\bdate\('[\d-]+', |_months\b", re.IGNORECASE)
"""The duration of something that is not over can also be expressed by its start."""


class Negations:
    def __init__(self, words: vocabulary.Turned) -> None:
        self._idioms = _any(
            IDIOMS,
            rf"\b(?:{either(words.states)})",
            rf"\bnot[ -](?:yet )?(?:been )?(?:{either(words.never_yet)})\b",
        )
        self._turns = _any(TURNS, rf"'(?:{either(map(re.escape, words.values))})'")
        self._lasted = _any(
            LASTED, rf"\b(?:{either(words.ended)}) (?:with)?in (?:\w+ ){{0,3}}(?:days?|weeks?)\b"
        )

    def keeps(self, question: str, sql: str) -> bool:
        """Whether the query has the negation and the duration of the question."""
        if NEITHER.search(question) and len(self._turns.findall(sql)) < 2:
            return False
        plain = self._idioms.sub(" ", COMPARED.sub(" ", question))
        if NEGATED.search(plain) and not self._turns.search(sql):
            return False
        if FOR.search(question) and not BACK.search(sql):
            return False
        lasted = self._lasted.search(question) and not WINDOW.search(question)
        return not lasted or MEASURES.search(sql) is not None


def _any(*expressions: str) -> re.Pattern[str]:
    return re.compile("|".join(expressions), re.IGNORECASE)
