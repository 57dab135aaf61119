"""Checks whether a passage is about the same one of several similar products.

Passages about fees of other accounts look like an answer to "the fee of the Platinum account". The
difference is a qualifier that occurs in none of them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from genai.language.words import STOP_WORDS, content_words, stem

_PRODUCT = r"(?:account|card|loan|deposit|mortgage|overdraft|package)s?\b"
_BETWEEN = r"(?: (?!(?:a|an|and|at|by|for|from|in|my|of|on|or|the|to|with|your)\b)[\w-]+)?"
"""A word such as ``credit`` in "the Gold credit card", but not those of "in New York by card"."""

_NAMED = re.compile(rf"(?<=[a-z,] )([A-Z][a-z]+){_BETWEEN} {_PRODUCT}")
_KIND = re.compile(rf"\b([a-z]+) {_PRODUCT}")
_TERM = re.compile(
    rf"\b(\d+)[ -](day|week|month|year)s? (?:[\w-]+ ){{0,3}}{_PRODUCT}", re.IGNORECASE
)
_RANGE = re.compile(
    r"\b(\d+)(?: (?:to|and|-|\u2013) (\d+))?[ -](day|week|month|year)s?\b", re.IGNORECASE
)

_DAYS = {"day": 1, "week": 7, "month": 30, "year": 360}

_ALIKE = 0.75
"""Minimum similarity of a word to a known one to count as a misspelling."""

_NAME_LEFT, _KIND_LEFT = 0.25, 0.6
"""The factor on the confidence. A lower-case word may be a synonym, so it counts less."""


def named_alike(question: str, texts: Sequence[str]) -> float:
    """The factor (at most 1) on the confidence that the texts answer.

    Lower if the question names a product ("the Platinum card"), a kind ("a yacht loan") or a term ("a
    48 month deposit") that the texts lack. Misspellings of known words, and terms within a range, count
    as present.
    """
    known = frozenset[str]().union(*(content_words(text) for text in texts))
    if any(not _offered(int(term), unit, known, texts) for term, unit in _terms(question)):
        return _NAME_LEFT
    if any(not _known(name, known) for name in _words(_NAMED, question)):
        return _NAME_LEFT
    if any(not _known(kind, known) for kind in _words(_KIND, question)):
        return _KIND_LEFT
    return 1.0


def _words(pattern: re.Pattern[str], question: str) -> Iterator[str]:
    words = (match[1].lower() for match in pattern.finditer(question))
    return (word for word in words if word not in STOP_WORDS)


def _known(word: str, known: frozenset[str]) -> bool:
    root = stem(word)
    return root in known or bool(get_close_matches(root, known, n=1, cutoff=_ALIKE))


def _terms(question: str) -> Iterator[tuple[str, str]]:
    return ((match[1], match[2].lower()) for match in _TERM.finditer(question))


def _offered(term: int, unit: str, known: frozenset[str], texts: Iterable[str]) -> bool:
    months = term * 12 if unit == "year" else term
    if known & {str(term), str(months)}:
        return True
    ranges = (match.groups() for text in texts for match in _RANGE.finditer(text))
    days = term * _DAYS[unit]
    return any(
        int(low) * _DAYS[of.lower()] <= days <= int(high or low) * _DAYS[of.lower()]
        for low, high, of in ranges
    )
