"""Recognises sentences that define a thing, for questions that ask what it is.

*A standing order is an instruction to pay ...* answers *what is a standing order?*, however many other
sections mention standing orders.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from genai.language.words import stem

_ARTICLE = r"(?:(?:an?|the|my|your)\s+)?"
_THING = r"(?P<thing>[\w][\w'\u2019 &/.-]*?)"
_ASKS = tuple(
    re.compile(rf"^\W*{pattern}\W*$", re.IGNORECASE)
    for pattern in (
        rf"(?:so\s+)?what(?:(?:['\u2019]s|\s+(?:is|are))(?:\s+meant\s+by)?)\s+{_ARTICLE}{_THING}",
        rf"what\s+do(?:es)?\s+{_ARTICLE}{_THING}\s+(?:mean|stand\s+for)",
        rf"(?:define|explain)\s+(?:what\s+)?{_ARTICLE}{_THING}(?:\s+(?:is|are|means?))?",
        rf"(?:what['\u2019]?s?\s+(?:is\s+)?)?the\s+(?:meaning|definition)\s+of\s+{_ARTICLE}{_THING}",
    )
)

_WORD = re.compile(r"[^\W_]+(?:['\u2019]s\b)?")
_ASIDE = re.compile(r"\s*\([^)]*\)")
_DETERMINERS = frozenset("a an the each every any".split())  # noqa: SIM905
_PLACES = frozenset("at in with from".split())  # noqa: SIM905
_STATES = frozenset(["is", "are"])
_VERBS = _STATES | frozenset("means mean can may must will has have lets let".split())  # noqa: SIM905
_CLASSES = frozenset("a an the one any when".split())  # noqa: SIM905
_LONG = 300
"""Maximum characters of a question; definitions are asked for in fewer. Longer texts are not cached."""
_WITHIN = 5
"""Maximum words between the thing and its verb: *a loan at Harbour Bank is ...*"""

_SAID, _DEFINED = 0.5, 1.0


class _Sentence(NamedTuple):
    """The lower-case words of a sentence; ``label`` is set if it begins with a label and a colon."""

    words: tuple[str, ...]
    label: tuple[str, ...]


def defines(question: str, text: str) -> float:
    """1 if the text defines the thing that the question asks about, 0.5 if it says something else about
    it (*a dispute is free of charge*), else 0.
    """
    thing = _asked(question) if len(question) <= _LONG else ()
    if not thing:
        return 0.0
    words, label = _sentence(text)
    if label == thing:
        return _DEFINED
    if words[:1] and words[0] in _DETERMINERS:
        words = words[1:]
    if tuple(map(stem, words[: len(thing)])) != thing:
        return 0.0
    return _told(words[len(thing) :])


def _told(rest: tuple[str, ...]) -> float:
    """What the words after the thing say about it."""
    if rest[:1] and rest[0] in _PLACES:
        ends = (at for at, word in enumerate(rest[1 : _WITHIN + 1], start=1) if _is_verb(word))
        rest = rest[next(ends, len(rest)) :]
    if not rest or not _is_verb(rest[0]):
        return 0.0
    says_class = rest[0] not in _STATES or (len(rest) > 1 and rest[1] in _CLASSES)
    return _DEFINED if says_class else _SAID


def _is_verb(word: str) -> bool:
    return word in _VERBS or (word.endswith("s") and not word.endswith(("ss", "'s", "\u2019s")))


@lru_cache(maxsize=1024)
def _asked(question: str) -> tuple[str, ...]:
    """The stems of the thing, in order; empty if the question asks for something else."""
    for asks in _ASKS:
        if match := asks.match(question):
            return tuple(stem(word) for word in _words(match["thing"]))
    return ()


@lru_cache(maxsize=4096)
def _sentence(text: str) -> _Sentence:
    text = _ASIDE.sub("", text)
    label, colon, _ = text.partition(":")
    return _Sentence(_words(text[:200]), tuple(map(stem, _words(label))) if colon else ())


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text))
