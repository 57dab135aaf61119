"""Splits a text into the questions and orders in it.

    I'd like to know how many cards are blocked, plus what a new one costs.
    └─ a lead ─────┘ └─ a clause ─────────────┘ └─ a joint and a clause ─┘

Statements (*I lost my card.*) are no clauses; they stay with the clauses that they lead to.
"""

import re
from dataclasses import dataclass
from typing import Final

from genai.rag.words import content_words
from genai.routing.openings import Opening, asks, opening, tells, without_lead

MAX_CLAUSES: Final = 4
LONGEST: Final = 1000
"""Longer texts (in characters) are stories and not split."""

_MIN_CONTENT_WORDS = 2
"""A first clause with fewer content words depends on the next one: *who pays and how much for ...*"""

_JOINT = re.compile(
    r"[?.!;]+\s+|,\s+|\s+(?=(?:and|plus|but|as\s+well\s+as|along\s+with|together\s+with)\s|&\s)",
    re.IGNORECASE,
)
_JOINING = re.compile(
    r"(?:(?:and|plus|but|as\s+well\s+as|along\s+with|together\s+with|also|then|besides|in\s+addition"
    r"|additionally|furthermore|finally|lastly|&)(?:,\s*|\s+)){1,3}",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?<=[?.!])\s+(?:(?:many\s+)?thanks|thank\s+you|cheers|thx|please)\b[^?]*$", re.IGNORECASE
)
_AUX = r"(?:do|does|did|is|are|was|were|can|have|has|had|will)"
_COUNTED = re.compile(r"how\s+many(?:\s+[\w-]+){1,3}", re.IGNORECASE)
_COUNTED_TOO = re.compile(
    rf"how\s+many(?:\s+[\w-]+){{1,3}}?(?P<tail>\s+(?:{_AUX}|in|at|of|on|with|per)\b.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """``told``: the statements before it. ``loose``: the words alone do not decide whether to split here."""

    text: str
    told: str = ""
    loose: bool = False

    @property
    def whole(self) -> str:
        if self.told.endswith(","):
            return f"{self.told} {self.text[:1].lower()}{self.text[1:]}"
        return f"{self.told} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class _Segment:
    """``led``: a lead-in asks for it. ``began``: how it begins after a conjunction."""

    text: str
    led: bool
    began: Opening | None = None

    @property
    def tells(self) -> bool:
        return not self.led and self.began is None and tells(self.text)


def cut_up(text: str) -> list[str]:
    """The questions and orders in a text; the whole text if it cannot be split clearly."""
    clauses = split_clauses(text, loosely=False)
    return [clause.whole for clause in clauses] if clauses else [text]


def split_clauses(text: str, *, loosely: bool = True) -> tuple[Clause, ...]:
    """At least two clauses, or none."""
    if len(text) > LONGEST:
        return ()
    segments = _share_tails(_segments(" ".join(text.split()), loosely=loosely))
    if len(segments) < 2 or not all(content_words(one.text) for one in segments):
        return ()
    clauses = _to_clauses(segments)
    first_alone = clauses and _is_complete(clauses[0].whole)
    return clauses if first_alone and 1 < len(clauses) <= MAX_CLAUSES else ()


def _segments(text: str, *, loosely: bool) -> list[_Segment]:
    text, led = without_lead(_THANKS.sub("", text))
    found: list[_Segment] = []
    start = 0
    began: Opening | None = None
    for joint in _JOINT.finditer(text):
        if joint.start() < start:
            continue
        left, right = text[start : joint.end()].rstrip(), text[joint.end() :]
        joining = _JOINING.match(right)
        right, asked = without_lead(right[joining.end() :] if joining else right)
        by = f"{joint[0].strip()}{joining[0].strip(' ,') if joining else ''}"
        kind = "strict" if asked and not tells(left) else opening(left, by, right, led=led)
        if kind is None or (kind == "loose" and not loosely):
            continue
        found.append(_Segment(left, led, began))
        start, began, led = len(text) - len(right), kind, led or asked
    return [*found, _Segment(text[start:], led, began)]


def _share_tails(segments: list[_Segment]) -> list[_Segment]:
    """*How many cards and how many loans are there?*: both get *are there*."""
    tails = [_COUNTED_TOO.fullmatch(_without_punctuation(one.text)) for one in segments]
    done = list(segments)
    for number, (one, after) in enumerate(zip(segments, tails[1:], strict=False)):
        if after is not None and _COUNTED.fullmatch(_without_punctuation(one.text)):
            done[number] = _Segment(f"{one.text}{after['tail']}", one.led, one.began)
    return done


def _to_clauses(segments: list[_Segment]) -> tuple[Clause, ...]:
    told: list[str] = []
    clauses: list[Clause] = []
    for one in segments:
        if one.tells:
            told.append(one.text)
        else:
            clauses.append(Clause(_as_sentence(one), " ".join(told), one.began == "loose"))
    return tuple(clauses)


def _as_sentence(one: _Segment) -> str:
    text = _without_punctuation(one.text)
    asked = one.led or one.began == "loose" or asks(text)
    return f"{text[:1].upper()}{text[1:]}{'?' if asked else '.'}"


def _without_punctuation(text: str) -> str:
    return text.strip().rstrip("?.!,; ")


def _is_complete(text: str) -> bool:
    counts = text.lower().startswith("how many")
    return counts or len(content_words(text)) >= _MIN_CONTENT_WORDS
