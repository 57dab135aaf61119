"""Knows a question that asks two things, and that one route answers one of them and another the other.

*How many customers live in Dublin, and what does an overdraft cost?* has two parts: figures from the
database, and a rule from the documents.

Words tell where a question may be cut. Whether it is cut, the router says: only where it is sure about
each part, and they do not all go the same way. So most questions cost a search for a few words.
"""

import re
from typing import Final, NamedTuple

from genai.messages import Route
from genai.rag.impersonal import impersonal
from genai.rag.words import content_words
from genai.routing.base import Judge

MIN_CONFIDENCE: Final = 0.08
"""How much more a part resembles its own route than any other."""

MIN_CONFIDENCE_ORDER: Final = 0.25
"""The same of a part that is worded as no question: *block my card, and what does a new one cost?*"""

PARTS_AT_MOST: Final = 4
LONGEST: Final = 1000
"""Characters; whoever writes more tells a story, which is not cut up."""

_BEGINS = (
    r"(?:(?:by|in|at|on|to|for|until|from|with|under|after)\s+)?"
    r"(?:what|which|how|who|whom|whose|when|where|why"
    r"|do|does|did|is|are|was|were|can|could|may|must|should|will|would"
    r"|tell\s+me|explain|show|list|count|give\s+me|find)\b(?!['\u2019])"
)
_JOINS = re.compile(
    r"(?:[?.!]\s+(?:and\s+|also,?\s+|but\s+|then\s+)*"
    r"|(?:[,;]\s*|\s+)(?:and\s+also|and|also|but|plus)\s+(?:then\s+|also\s+)?|;\s*|,\s*)"
    rf"(?={_BEGINS})",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    rf"^(?:(?:hi|hello|hey|please|so|ok|okay|well)[,!.]?\s+)*{_BEGINS}", re.IGNORECASE
)
_TELLS = re.compile(
    r"^(?:i|we|you|he|she|it|they|my|our|your|his|her|its|their|the|an?|this|that|these|those|there"
    r"|if|when|since|because|after|before|while|as|in|on|at|for|with|from|hi|hello|hey|please)\b",
    re.IGNORECASE,
)
"""How a sentence begins that only leads to a question: neither a question nor an order."""


class Part(NamedTuple):
    text: str
    route: Route


class Compound:
    """``judge`` says which route a text resembles, and how surely."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def async_parts(self, text: str) -> tuple[Part, ...]:
        """The parts in order; empty for a question of one kind."""
        cut = cut_up(text)
        if len(cut) < 2:
            return ()
        judged = await self._judge.async_judge([impersonal(part) for part in cut])
        pairs = list(zip(cut, judged, strict=True))
        if any(each.confidence < _needed(text) for text, each in pairs):
            return ()
        if len({each.route for each in judged}) < 2:
            return ()
        return tuple(Part(text, each.route) for text, each in pairs)

    async def async_route(self, text: str) -> Route:
        """Of a question that stays whole."""
        [judged] = await self._judge.async_judge([impersonal(text)])
        return judged.route


def cut_up(text: str) -> list[str]:
    """The questions and orders in a text; one when it has no clear borders, or parts without sense."""
    if len(text) > LONGEST:
        return [text]
    cut: list[str] = []
    start, text = 0, " ".join(text.split())
    for join in _JOINS.finditer(text):
        cut.append(_whole(text[start : join.start()]))
        start = join.end()
    cut.append(_whole(text[start:]))
    return cut if len(cut) <= PARTS_AT_MOST and all(map(_asks, cut)) else [text]


def _whole(part: str) -> str:
    part = part.strip().rstrip("?.!,; ")
    return f"{part[:1].upper()}{part[1:]}{'?' if _QUESTION.match(part) else '.'}"


def _asks(part: str) -> bool:
    return bool(content_words(part)) and bool(_QUESTION.match(part) or not _TELLS.match(part))


def _needed(part: str) -> float:
    return MIN_CONFIDENCE if _QUESTION.match(part) else MIN_CONFIDENCE_ORDER
