"""Splits a text into the questions and orders in it.

    I'd like to know how many cards are blocked, plus what a new one costs.
    └─ a lead ─────┘ └─ a clause ─────────────┘ └─ a joint and a clause ─┘

Statements (*I lost my card.*) are no clauses; they stay with the clauses that they lead to. An order in
them is one: *my card 5 was stolen, block it, and what does a new one cost?*
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from genai.language.openings import (
    Opening,
    asks,
    commands,
    opening,
    orders,
    tells,
    without_lead,
)
from genai.language.orders_back import completed, refers_back
from genai.language.words import content_words

MAX_CLAUSES: Final = 4
LONGEST: Final = 1000
"""Longer texts (in characters) are stories and not split."""

_MIN_CONTENT_WORDS = 2
"""A first clause with fewer content words depends on the next one: *who pays and how much for ...*"""

_LAST_SENTENCES = 3
"""Maximum number of sentences of an order at the end of a text."""

_JOINT = re.compile(
    r"[?.!;]+\s+|,\s+|(?P<soft>:\s+|\s+[\u2013\u2014-]\s+)|\s+(?=(?:and|plus|but|as\s+well\s+as|along\s+with|together\s+with)\s|&\s)",
    re.IGNORECASE,
)
"""A soft joint separates nothing but orders."""

_JOINING = re.compile(
    r"(?:(?:and|plus|but|as\s+well\s+as|along\s+with|together\s+with|also|then|besides|in\s+addition"
    r"|additionally|furthermore|finally|lastly|&)(?:,\s*|\s+)){1,3}",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?<=[?.!])\s+(?:(?:(?:many\s+)?thanks|thank\s+you|cheers|thx)\b(?:(?!\b(?:it|them|this)\b)[^?\d])*"
    r"|please(?:\s+(?:help|advise|answer|reply|respond|hurry)\b[^?\d]*)?\W*)$",
    re.IGNORECASE,
)
_URGENT = re.compile(r"\d{2}|\b(?:please|pls)\b|!", re.IGNORECASE)
_COORDINATES = re.compile(r"\b(?:to|i|we|you|one|they|people|customers?)\b", re.IGNORECASE)
"""Words after which a verb without a subject goes on: *how do I log in and block my card?*"""

_HOW_TO = re.compile(
    r"\W*(?:and\s+)?how\b.*\b(?:do|does|did|done|work|works|go\s+about)\b.*\b(?:it|that|this)\b",
    re.IGNORECASE,
)
"""*Block my card, how do I do that?* orders nothing."""

IsOrder = Callable[[str], bool]

_UNENDED = re.compile(r"[\s,;:\u2013\u2014-]+$")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_AUX = r"(?:do|does|did|is|are|was|were|can|have|has|had|will)"
_COUNTED = re.compile(r"how\s+many(?:\s+[\w-]+){1,3}", re.IGNORECASE)
_COUNTED_TOO = re.compile(
    rf"how\s+many(?:\s+[\w-]+){{1,3}}?(?P<tail>\s+(?:{_AUX}|in|at|of|on|with|per)\b.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """``told``: the statements before it. ``loose``: the words alone do not decide whether to split here.
    ``order``: it asks for an action.
    """

    text: str
    told: str = ""
    loose: bool = False
    order: bool = False

    @property
    def whole(self) -> str:
        if not self.told or self.told[-1] in ".?!":
            return f"{self.told} {self.text}".strip()
        text = (
            self.text if self.text.startswith("I ") else f"{self.text[:1].lower()}{self.text[1:]}"
        )
        return f"{_UNENDED.sub('', self.told)}, {text}"


@dataclass(frozen=True, slots=True)
class _Segment:
    """``led``: a lead-in asks for it. ``began``: how it begins after a conjunction. ``order``: it asks for
    an action.
    """

    text: str
    led: bool
    began: Opening | None = None
    order: bool = False

    @property
    def tells(self) -> bool:
        return not self.led and self.began is None and tells(self.text)


def cut_up(text: str) -> list[str]:
    """The questions and orders in a text; the whole text if it cannot be split clearly."""
    clauses = split_clauses(text, loosely=False)
    return [clause.whole for clause in clauses] if clauses else [text]


def split_clauses(
    text: str, *, loosely: bool = True, is_order: IsOrder = lambda text: False
) -> tuple[Clause, ...]:
    """At least two clauses, or none.

    ``is_order`` tells whether statements ask for an action: *my card was stolen, I want it blocked*.
    """
    if len(text) > LONGEST:
        return ()
    text, order = _without_last_order(" ".join(text.split()), is_order)
    segments = _share_tails(_segments(text, is_order, loosely=loosely))
    segments = [
        replace(one, order=one.order or _urges(one, is_order) or _orders_now(one, after, is_order))
        for one, after in zip_longest(segments, segments[1:])
    ]
    if order:
        segments.append(_Segment(order, led=False, began="strict", order=True))
    if len(segments) < 2 or not all(content_words(one.text) for one in segments):
        return ()
    clauses = _to_clauses(segments)
    first_alone = clauses and _is_complete(clauses[0].whole)
    return clauses if first_alone and 1 < len(clauses) <= MAX_CLAUSES else ()


def _segments(text: str, is_order: IsOrder, *, loosely: bool) -> list[_Segment]:
    text, led = without_lead(_THANKS.sub("", text))
    found: list[_Segment] = []
    start = 0
    began: Opening | None = None
    back = ""
    for joint in _JOINT.finditer(text):
        if joint.start() < start:
            continue
        left = completed(text[start : joint.end()].rstrip(), back)
        before, right = text[: joint.end()], text[joint.end() :]
        joining = _JOINING.match(right)
        raw = right[joining.end() :] if joining else right
        right, asked = without_lead(raw)
        by = f"{joint[0].strip()}{joining[0].strip(' ,') if joining else ''}"
        is_back = refers_back(raw, before, apart=not by[0].isalnum() or bool(back) or orders(left))
        after_order = back or not tells(left) or _commands(left, is_order)
        if is_back or (asked and not joint["soft"] and after_order):
            kind: Opening | None = "strict"
        elif not joint["soft"] and _begins_order(left, raw, is_order):
            kind = "strict"
        else:
            kind = None if joint["soft"] else opening(left, by, right, led=led)
        if kind is None or (kind == "loose" and not loosely):
            continue
        found.append(_Segment(left, led, began, bool(back)))
        start, began, led = len(text) - len(right), kind, led or asked
        back = before if is_back else ""
    return [*found, _Segment(completed(text[start:], back), led, began, bool(back))]


def _begins_order(left: str, right: str, is_order: IsOrder) -> bool:
    """Whether a second order, without a number, begins: *what is the fee, and block my card*."""
    wished = right != without_lead(right)[0]
    goes_on = _COORDINATES.search(left) is not None and not wished
    return not goes_on and bool(right) and _commands(_JOINT.split(right)[0], is_order)


def _commands(text: str, is_order: IsOrder) -> bool:
    """Whether its last sentence is worded as an order, and the whole text is one."""
    text = _without_punctuation(text)
    return commands(_SENTENCE_END.split(text)[-1]) and is_order(text)


def _orders_now(one: _Segment, after: _Segment | None, is_order: IsOrder) -> bool:
    """Whether it is an order without a number, and what follows does not ask how to do it oneself."""
    how_to = after is not None and _HOW_TO.match(after.text)
    return not how_to and _commands(one.text, is_order)


def _without_last_order(text: str, is_order: IsOrder) -> tuple[str, str]:
    """The text, and the order in its last sentences: *what is the fee? Please block my card*."""
    for end in [*_SENTENCE_END.finditer(text)][-_LAST_SENTENCES:]:
        rest = text[end.end() :]
        if _URGENT.search(rest) and is_order(rest):
            return text[: end.start()], rest
    return text, ""


def _urges(one: _Segment, is_order: IsOrder) -> bool:
    """Whether statements ask for an action now, and not only for how to get it done."""
    return one.tells and bool(_URGENT.search(one.text)) and is_order(_without_punctuation(one.text))


def _share_tails(segments: list[_Segment]) -> list[_Segment]:
    """*How many cards and how many loans are there?*: both get *are there*."""
    tails = [_COUNTED_TOO.fullmatch(_without_punctuation(one.text)) for one in segments]
    done = list(segments)
    for number, (one, after) in enumerate(zip(segments, tails[1:], strict=False)):
        if after is not None and _COUNTED.fullmatch(_without_punctuation(one.text)):
            done[number] = replace(one, text=f"{one.text}{after['tail']}")
    return done


def _to_clauses(segments: list[_Segment]) -> tuple[Clause, ...]:
    told: list[str] = []
    clauses: list[Clause] = []
    for one in segments:
        if one.order or not one.tells:
            before = "" if one.tells else " ".join(told)
            clauses.append(Clause(_as_sentence(one), before, one.began == "loose", one.order))
        if one.tells:
            told.append(one.text)
    return tuple(clauses)


def _as_sentence(one: _Segment) -> str:
    text = _without_punctuation(one.text)
    last = _SENTENCE_END.split(text)[-1]
    stated = one.order or orders(text) or (last != text and tells(last))
    asked = one.led or one.began == "loose" or asks(text)
    return f"{text[:1].upper()}{text[1:]}{'?' if asked and not stated else '.'}"


def _without_punctuation(text: str) -> str:
    return text.strip().rstrip("?.!,;: -\u2013\u2014")


def _is_complete(text: str) -> bool:
    counts = text.lower().startswith("how many")
    return counts or len(content_words(text)) >= _MIN_CONTENT_WORDS
