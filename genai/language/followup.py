"""Recognises follow-up questions, and combines them with the turns they refer to."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum

from genai.language.openings import asks, without_lead
from genai.language.topic import BEFORE_PREDICATE, counts_nothing, told_alone
from genai.language.words import content_words
from genai.messages import Message, Turn

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|she|he|these|those|ones)\b"
    r"|\b(?:new|other|another|which|second|same|lost|old|\w{3,}est)\s+one\b|\bone(?=\W*$)"
    r"|\b(?:does|will|would)\s+one\s+(?:usually\s+|normally\s+)?(?:take|cost|last|work|expire|arrive|come)\b"
    r"|\bth(?:is|at)(?=\W*$)|\b(?:does|will|would|can)\s+th(?:is|at)\b(?!\s+\w+\s*\?)"
    rf"|\b(?:does|will|would|is)\s+th(?:is|at)\b{BEFORE_PREDICATE}",
    re.IGNORECASE,
)
"""A pronoun or another word that refers to something."""

_OWNER = re.compile(r"(?:its|their)\b", re.IGNORECASE)

_EXPLETIVE = re.compile(
    r"\bit\b(?=(?:\W+\w+){1,4}?\W+(?:to|for|that|if|when|until|till|before)\s+(?!it\b|that\b|this\b)\w+)"
    r"|\bit\s+(?:says|rains?|snows?)\b"
    r"|(?<=time is )it\b|\bit(?:['\u2019]s|\s+is)(?:\s+\w+)?\s+(?:you|me|us|him|her|them)\b",
    re.IGNORECASE,
)
"""*It* that refers to what follows: ``does it cost anything to close an account?``"""

_CONTINUES = re.compile(r"^\W*(?:and|but|or|also|then|what about|how about)\b", re.IGNORECASE)

_GOES_ON = re.compile(
    r"^\W*(?:only|just|without|excluding|including|by|per|for|in|of)\b", re.IGNORECASE
)
"""Openings of fragments that modify the previous question."""

_ABOUT = re.compile(r"^\W*(?:what|how) about\b", re.IGNORECASE)

_CLAUSE_ENDS = re.compile(r"[,;.:!?\u2013-](?=\s)")

_ALONE = 4
"""A question with this many content words names its own topic."""

_FEW = 2
"""A question with this few words may go on about the topic before it."""

_TURNS = 3
"""Maximum number of earlier questions considered."""


class Dependence(Enum):
    """How much a question needs the one before it."""

    NOT = 0
    PERHAPS = 1
    SURELY = 2


def dependence(question: str) -> Dependence:
    """Decides by wording only.

    A pronoun counts as a reference unless the question itself names a possible referent before it.
    """
    if counts_nothing(question):
        return Dependence.SURELY
    words = len(content_words(question))
    if words >= _ALONE:
        return Dependence.NOT
    if not words or any(_points_out(question, start) for start in _pointers(question)):
        return Dependence.SURELY
    if words == 1 or (words == _FEW and continues(question)) or fragment(question):
        return Dependence.PERHAPS
    return Dependence.NOT


def says_little(question: str) -> bool:
    """Whether it may have too few words to name what it is about: *what is the minimum?*"""
    return len(content_words(question)) <= _FEW


def continues(question: str) -> bool:
    """Whether it begins like a continuation."""
    return bool(_CONTINUES.match(question))


def fragment(question: str) -> bool:
    """Whether it only modifies the previous question: *and only in Lisbon?*"""
    text, led = without_lead(question)
    if led or (asks(text) and not _ABOUT.match(text)):
        return False
    return continues(question) or bool(_GOES_ON.match(text))


def joined(question: str, history: Sequence[Turn | Message]) -> str:
    """Prepends the user's previous question, and those that it depends on itself.

    Returns the question unchanged if there are none.
    """
    return " ".join([*_leant_on(history), question])


def leant_on(history: Sequence[Turn | Message]) -> str:
    """The user's previous question, with those that it depends on prepended."""
    return " ".join(_leant_on(history))


def alone(question: str, history: Sequence[Turn | Message]) -> str:
    """The question with its references resolved, as far as possible.

    *What does it cost?* can be resolved, *and in Lisbon?* cannot.
    """
    full = before = ""
    for text in (*_leant_on(history), question):
        leans = bool(before) and dependence(text) is Dependence.SURELY
        full = told_alone(text, before) if leans else text
        if not leans or full != text:  # else it only repeats what the one before is about
            before = full
    return full


def _leant_on(history: Sequence[Turn | Message]) -> list[str]:
    earlier: list[str] = []
    for turn in reversed([turn for turn in history if turn.role == "user"][-_TURNS:]):
        earlier.insert(0, turn.content)
        if dependence(turn.content) is Dependence.NOT:
            break
    return earlier


def _pointers(question: str) -> Iterator[int]:
    empty = {match.start() for match in _EXPLETIVE.finditer(question)}
    for match in _POINTS_BACK.finditer(question):
        if match.start() not in empty:
            yield match.start()


def _points_out(question: str, pointer: int) -> bool:
    """Whether the question has no possible referent before the pronoun; a possessive refers to the
    nearest one.
    """
    before = question[:pointer]
    named = len(content_words(before))
    if named and _OWNER.match(question, pointer):
        return False
    return named == 0 or (named == 1 and not _CLAUSE_ENDS.search(before))
