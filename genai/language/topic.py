"""Resolves the topic of a question, so that a follow-up can be rewritten to stand alone.

The topic of *what is the fee for a foreign transfer?* is *a foreign transfer*. After it, *how long does it
take?* becomes *how long does a foreign transfer take?*
"""

import re
from collections.abc import Callable, Set
from typing import Final, NamedTuple

from genai.language.words import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:[-'\u2019.&/][^\W_]+)*|[,;:?!]")
_DETERMINERS: Final = frozenset(
    "a an the my your our his her its their any this that these those".split()  # noqa: SIM905
)
_SUPPORTS: Final = frozenset("do does did can could will would may must should".split())  # noqa: SIM905
_BELONGS: Final = frozenset("of for on with about from in into to".split())  # noqa: SIM905
_COSTS: Final = frozenset({"cost", "costs"})
_NEVER: Final = (
    STOP_WORDS | _COSTS | {"per", "last", "next", "today", "anything", "everything", "nothing"}
)
_WHO: Final = frozenset("i you we they he she it".split())  # noqa: SIM905
_DOES: Final = _WHO | {"to"}
_STATES: Final = frozenset("is are was were".split())  # noqa: SIM905
_NOT_BEFORE_THINGS: Final = _STATES | {"per"}
"""Words that precede an adjective or a number, not a thing."""

_STATED = re.compile(r"\W*(?:(?:and|but|also|so)\W+)*(?:is|are|was|were)\b", re.IGNORECASE)

_COUNTED = re.compile(
    r"\bhow\s+many(?:\s+of\s+(?:them|those|these)\b"
    r"|(?=\s+(?:are|were|is|was|do|does|did|have|has|had|can|will|in|on|by|per)\b|\s*[?.!]*$)"
    r"|(?=\s+\w{2,}ed\b(?!\s+(?:[\w-]+\s+)?\w+s\b)))",
    re.IGNORECASE,
)
"""*How many* without a noun."""

BEFORE_PREDICATE: Final = (
    r"(?=\s+(?:(?:usually|normally|also|really|always)\s+)?(?:take|cost|last|work|need|require|happen"
    r"|mean|affect|free|possible|expensive|allowed|safe)\b)"
)
"""A pattern: what follows *that* where it stands alone, and not before a noun."""

_IT_DOES = re.compile(
    r"(?:(?<=\bdoes )|(?<=\bwill )|(?<=\bwould )|(?<=\bis ))"
    rf"(?:it\b|th(?:is|at)\b(?:{BEFORE_PREDICATE}|(?=\W*$)))",
    re.IGNORECASE,
)
"""*It* or *that* as a subject that rather refers to an action than to a thing: *how long does it take?*"""

_IT = re.compile(r"\bit\b", re.IGNORECASE)
"""Only *it*: *that* and *this* rather refer to everything said before."""

_ONE = re.compile(r"(?<=\bdoes )one\b|(?<=\bwill )one\b|(?<=\bwould )one\b", re.IGNORECASE)
_ITS = re.compile(r"\bits\b", re.IGNORECASE)
_THEM = re.compile(r"\b(?:they|them|those(?!\s+[a-z])|these(?!\s+[a-z]))\b", re.IGNORECASE)
_THEIR = re.compile(r"\btheir\b", re.IGNORECASE)


class _Thing(NamedTuple):
    """``before`` is the preceding word, ``doing`` the action on the thing: *replacing*."""

    name: str
    before: str
    doing: str


def topic(question: str) -> str:
    """The thing that the question asks about; empty if unclear."""
    about = _about(question)
    return about.name if about else ""


def counts_nothing(question: str) -> bool:
    """Whether it counts without naming what: *how many were there last month?*"""
    return _COUNTED.search(question) is not None


def told_alone(question: str, before: str) -> str:
    """Replaces a reference in the question by what it refers to; unchanged without one."""
    about = _about(before, _of_number(question))
    if about is None:
        return question
    name = about.name
    if counts_nothing(question):
        return _COUNTED.sub(lambda found: f"{found[0][:8]} {_many(name)}", question, count=1)
    if about.doing and _IT_DOES.search(question):
        return _IT_DOES.sub(f"{about.doing} {name}", question, count=1)
    if _ONE.search(question):
        return _ONE.sub(name, question, count=1)
    pointer, owner = (_IT, _ITS) if _is_one(name) else (_THEM, _THEIR)
    if owner.search(question):
        return owner.sub(f"{name}'s", question, count=1)
    return pointer.sub(name, question, count=1)


def _of_number(question: str) -> Callable[[_Thing], bool]:
    """Which things its pronoun can refer to: *they* to branches, and not to Germany."""
    if counts_nothing(question) or _IT_DOES.search(question):
        return lambda thing: True
    if _THEM.search(question) or _THEIR.search(question):
        return lambda thing: not _is_one(thing.name)
    return lambda thing: True


def _about(question: str, fits: Callable[[_Thing], bool] = lambda thing: True) -> _Thing | None:
    found = [thing for thing in _things(question) if fits(thing)]
    belonging = [thing for thing in found if thing.before in _BELONGS]
    return next(reversed(belonging or found), None)


def _doing(word: str, before: str) -> str:
    """The form of a verb that can stand before its object as a subject; empty for another word."""
    if before in _DOES:
        return f"{word.lower().removesuffix('e')}ing"
    return word.lower() if re.fullmatch(r"\w{2,}ing", word) else ""


def _is_one(thing: str) -> bool:
    return not re.search(r"[^s]s$", thing)


def _many(thing: str) -> str:
    *before, last = [word for word in thing.split() if word.lower() not in _DETERMINERS]
    if re.search(r"[^aeiou]y$", last):
        last = f"{last[:-1]}ies"
    elif not last.endswith("s"):
        last += "es" if re.search(r"(?:x|ch|sh)$", last) else "s"
    return " ".join([*before, last])


def _things(question: str) -> list[_Thing]:
    """The things named in the question, in order."""
    found: list[_Thing] = []
    supports = _SUPPORTS | _STATES if _STATED.match(question) else _SUPPORTS
    thing: list[str] = []
    before = last = doing = ""
    for word in [*_WORD.findall(question), "?"]:
        small = word.lower()
        if small in _DETERMINERS:  # what stood bare before it was a verb: *replace a card*
            doing = _doing(thing[0], before) if len(thing) == 1 else ""
            thing, before = [word], before if doing and before in supports else last
        elif small.endswith("ly") and thing:
            continue  # *a transfer usually takes*
        elif small in _NEVER or not small[0].isalnum():
            if named := _named(thing, before, supports, ends=small):
                found.append(_Thing(named, before, doing))
            thing, doing = [], ""
        else:
            before = before if thing else last
            thing.append(word)
        last = small
    return found


def _named(thing: list[str], before: str, supports: Set[str], *, ends: str) -> str:
    """Strips the predicate: *does a transfer take*, *is a card free*. Empty if no thing is left."""
    bare = not thing or thing[0].lower() not in _DETERMINERS
    words = thing if bare else thing[1:]
    if before in supports and len(words) > 1 and ends not in STOP_WORDS | _COSTS:
        thing, words = thing[:-1], words[:-1]
    if bare and before in _WHO:  # after which stands a verb
        thing = words = thing[1:]
    if bare and before == "many":  # *how many mortgages exist*
        while words and _is_one(words[-1]):
            thing = words = words[:-1]
    if not words or (bare and before in _NOT_BEFORE_THINGS):
        return ""
    return " ".join(thing)
