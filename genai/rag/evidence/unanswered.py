"""Finds the known unanswerable question that is closest to the question asked.

Similarity alone does not suffice: *what does the account cost?* is closest to *what did the account cost in
2019?*, and *what is the limit?* to *the limit of other banks*.
"""

import re
from collections.abc import Iterable

from genai.language.words import content_words

Known = tuple[float, str]
"""The cosine of a known question to the question asked, and its text."""

_NUMBER = re.compile(r"\d+")
_PAST = re.compile(
    r"\b(?:did|was|were|used to|ago|previous(?:ly)?|former(?:ly)?|in the past"
    r"|last (?:year|quarter|month|week))\b|\bbefore\W*$",
    re.IGNORECASE,
)


def nearest(question: str, known: Iterable[Known]) -> Known:
    """The most similar known question. Leaves out those that ask for a number or a past that the
    question does not mention, and those that contain all its words and more.
    """
    numbers, past = set(_NUMBER.findall(question)), bool(_PAST.search(question))
    words = content_words(question)
    for cosine, text in sorted(known, reverse=True):
        narrower = bool(words) and words < content_words(text)
        named = numbers.issuperset(_NUMBER.findall(text)) and (past or not _PAST.search(text))
        if named and not narrower:
            return cosine, text
    return 0.0, ""
