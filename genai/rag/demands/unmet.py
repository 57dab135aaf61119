"""Specific requirements of a question that a passage does not meet, although the topic matches.

*How many standing orders may I have?* requires a count of standing orders, *what did it cost in 2019?* the
past.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from genai.language.words import NUMBER_WORDS, STOP_WORDS
from genai.rag.demands.places import unknown_places
from genai.rag.questions.clauses import asking
from genai.rag.questions.word_vectors import WordVectors

_NUMBER = rf"(?:\d+|{'|'.join(NUMBER_WORDS)})"

_WORD = re.compile(r"[^\W\d_]+")
_VERB = r"(?:can|may|must|should|will|would|could|do|does|did|is|are|was|were|has|have|i|we|you)\b"
_HOW_MANY = re.compile(
    r"\b(?:how many|(?:maximum|highest|largest|total) number of)\s+(?:of\s+(?:the|my|your|our)\s+)?"
    rf"((?!{_VERB})[\w-]+(?:\s+(?!{_VERB})[\w-]+){{0,2}})",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"\b(?:{_NUMBER}|unlimited|several|no|none|any)\b((?:\W+[^\W\d_]+){{1,4}})", re.IGNORECASE
)
_ROW = re.compile(r"^\|([^|\n]*)\|(?:[^|\n]*\|)*? *\d+ *\|", re.MULTILINE)
"""A table row that counts what its first cell names."""
_UNITS = re.compile(r"\b(?:day|week|month|year|hour|minute|time|euro)s?\b", re.IGNORECASE)

_CONTACT = re.compile(
    r"\b(?:(?:phone|telephone|fax|mobile)(?:\s+number)?|number\s+(?:of|for)|e-?mail(?:\s+address)?"
    r"|address|website|web\s?page)\b.*\b(?:of|for|is|to)\b|\bfax\b",
    re.IGNORECASE,
)
_REACHED = re.compile(r"\b\d{4,}\b|\.example\b|@|\bStreet\b")

_THEN = re.compile(
    r"\b(?:in|since|before|during|of)\s+(?:the\s+)?(?:19|20)\d\d\b|\b(?:last|previous|next|past)\s+"
    r"(?:year|quarter|decade|century|winter|summer|spring|autumn|week)\b|\b(?:years?|months?)\s+ago\b"
    r"|\b(?:at the moment|right now|currently|so far|used to|in the past|historic\w*|today's)\b",
    re.IGNORECASE,
)

_TERM = re.compile(
    rf"(?<!\bin )(?<!\bwithin )(?<!\bper )\b({_NUMBER})"
    r"[ -](day|week|month|year)s?\b(?![\s-]+(?:ago|old|left|later|in a row|earlier|early))",
    re.IGNORECASE,
)
_TERMS = re.compile(
    rf"\b((?:{_NUMBER}(?:\s*,\s*|\s+(?:and|or|to)\s+|\s*[-\u2013]\s*))*{_NUMBER})"
    r"[ -]((?:business |working |calendar )?(?:day|week|month|year))s?\b",
    re.IGNORECASE,
)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 360}


@dataclass(frozen=True, slots=True)
class Unmet:
    """Unmet requirements, each between 0 and 1."""

    uncounted: float = 0.0
    unreached: float = 0.0
    another_time: float = 0.0
    another_term: float = 0.0
    another_place: float = 0.0


def unmet(question: str, text: str, words: WordVectors) -> Unmet:
    """The requirements that ``text`` (with its headings) does not meet.

    Times and terms count only in clauses that ask, not where people tell what happened.
    """
    asked = asking(question)
    return Unmet(
        uncounted=uncounted(question, text, words),
        unreached=float(bool(_CONTACT.search(question)) and not _REACHED.search(text)),
        another_time=float(any(m[0].lower() not in text.lower() for m in _THEN.finditer(asked))),
        another_term=float(any(not _has_term(*term, text) for term in _terms(asked))),
        another_place=min(1.0, float(unknown_places(question, text))),
    )


def uncounted(question: str, text: str, words: WordVectors) -> float:
    """How dissimilar the thing to be counted is from everything that the text counts."""
    asked = _HOW_MANY.search(question)
    if asked is None or _UNITS.search(asked[1]):
        return 0.0
    things = list(_meaningful(asked[1]))
    if not things:
        return 0.5
    counts = (*_COUNTED.finditer(text), *_ROW.finditer(text))
    counted = {word for match in counts for word in _meaningful(match[1])}
    likest = max(
        1.0 if thing in counted else words.likeness(thing, words.of(counted)) for thing in things
    )
    return 1.0 - likest


def _meaningful(text: str) -> Iterator[str]:
    return (word for word in map(str.lower, _WORD.findall(text)) if word not in STOP_WORDS)


def _terms(question: str) -> Iterator[tuple[int, str]]:
    return ((_value(match[1]), match[2].lower()) for match in _TERM.finditer(question))


def _has_term(term: int, unit: str, text: str) -> bool:
    """Whether the text names this term, or a range that it lies in."""
    days = term * _DAYS[unit]
    for match in _TERMS.finditer(text):
        size = _DAYS[match[2].lower().split()[-1]]
        values = [_value(number) * size for number in re.findall(_NUMBER, match[1], re.IGNORECASE)]
        ranged = re.search(r"\bto\b|[-\u2013]", match[1]) and len(values) > 1
        if days in values or (ranged and values[0] <= days <= values[-1]):
            return True
    return False


def _value(number: str) -> int:
    return int(NUMBER_WORDS.get(number.lower(), number))
