"""Splits double questions: "how many cards are blocked, and how many expired?"."""

import re
from typing import Final

from genai.analyst.reading.alternatives import Find
from genai.analyst.row_text import UNITS

JOINT: Final = re.compile(
    r"(?:\s*[,;]\s*|\s+)(?:and|plus|as well as)(?: also)?\s+"
    r"(?=(?:how (?:many|much|long|old|do|does|did|can|is|are)"
    r"|what(?:'s| is| are| do| does| did| would| will| happens)|why"
    r"|(?:the )?(?:number|total|average)(?: of)?)\b)",
    re.IGNORECASE,
)
ASKS: Final = re.compile(
    r"\b(?:how (?:many|much)|what(?:'s| is| are)|number|total|average|count)\b", re.IGNORECASE
)
NUMBER_OF: Final = r"^(?:how many|what is the number of|the number of|number of)"
ASKS_FIRST: Final = re.compile(
    r"\b(?:how|what(?:'s)?|which|who|when|where|number|total|average|count)\b", re.IGNORECASE
)
UNFINISHED: Final = re.compile(rf"{NUMBER_OF} (?:(?:of |our )?[\w-]+ ){{0,2}}?\w+s$", re.IGNORECASE)
"""The condition for both follows the second: *how many cards and how many loans are there?*"""

ENDING: Final = re.compile(
    rf"{NUMBER_OF} (?:(?!(?:are|do|did|does|have|is|were)\b)[\w-]+ ){{0,2}}?\w+s(?P<ending> .*)$",
    re.IGNORECASE,
)
HAPPENED: Final = re.compile(
    r"\b(?:was|were|ha(?:s|ve) been|got) (?!there\b)\w+(?:ed|en|wn|ght|ost|on|ent|id)\b"
    r"|\bdid (?:the )?\w+ (?!have\b|hold\b|own\b|exist\b)\w+",
    re.IGNORECASE,
)
"""What happened, so at some time: *were won*, *did we lose*."""

TOO: Final = re.compile(r"\bhow many \w{2,}ed\b", re.IGNORECASE)
ALWAYS: Final = re.compile(r"\b(?:so far|ever|altogether|in total|overall)\b", re.IGNORECASE)

ASKS_AGAIN: Final = re.compile(
    r"(?:\s*[,;]\s*|\s+)(?:and|plus|as well as)(?: also)?\s+"
    r"(?:(?:on |at |in |by |to |from |for )?(?:(?:when|how|why)\b|what\b(?! is more\b)"
    r"|which \w+ (?:is|are|was|were|do|does|did|has|have)\b"
    r"|(?:where|who) (?:is|are|was|were|do|does|did|can) (?:it|they|he|she|the|these|those)\b))",
    re.IGNORECASE,
)
"""A second question. *Who* and *which* may also begin a second condition."""

SCALAR: Final = re.compile(
    r"^SELECT (?:COUNT|ROUND|SUM|AVG|MIN|MAX)\((?:(?!, [a-z]+\.)(?! AS ).)* AS (?P<name>\w+)"
    r" FROM (?!.*\b(?:GROUP BY|LIMIT)\b)"
)
"""A query with one number: no groups, rows or second column."""

TEXT: Final = re.compile(r"'([^']*)'")
DATES: Final = re.compile(r"(?:19|20)\d\d[-\d]*")


def two_parts(question: str) -> tuple[str, str] | None:
    """`None` for a single question, such as for the number of cards *and loans*."""
    found = list(JOINT.finditer(question))
    if len(found) != 1:
        return None
    first, second = question[: found[0].start()].rstrip("?"), question[found[0].end() :]
    if not ASKS.search(first):
        return None
    ending = ENDING.match(second) if UNFINISHED.match(first) else None
    return f"{first}{ending['ending'].rstrip('?.') if ending else ''}?", second


def asks_twice(question: str) -> bool:
    """Whether it asks for two things: *how many branches are there, and when do they open?*"""
    again = ASKS_AGAIN.search(question)
    return again is not None and ASKS_FIRST.search(question[: again.start()]) is not None


def with_shared_period(parts: tuple[str, str], find: Find) -> tuple[str, str]:
    """Both parts in the period behind the second: *how many were won, and how many were lost in 2026?*

    Only where both tell what happened, and the first names no time.
    """
    first, second = parts
    named, last = find(first), find(second)
    if not last or "period" not in last[-1].kinds or any("period" in one.kinds for one in named):
        return parts
    parallel = HAPPENED.search(first) and (HAPPENED.search(second) or TOO.search(second))
    if not parallel or ALWAYS.search(first) or last[-1].end < len(second.rstrip("?. ")):
        return parts
    return f"{first.rstrip('?. ')} {last[-1].text}?", second


def together(first: str, second: str) -> str | None:
    """Combines two queries of one number each; `None` for others."""
    one, other = SCALAR.match(first), SCALAR.match(second)
    if one is None or other is None or first == second:
        return None
    names = (_name(one["name"], first), _name(other["name"], second))
    if one["name"] != other["name"] and _said(first) == _said(second):
        names = (names[0], other["name"])  # what is said of both is said once
    if names[0] == names[1]:
        names = (_name(one["name"], first, dated=True), _name(other["name"], second, dated=True))
    if names[0] == names[1]:
        names = (f"first_{names[0]}", f"second_{names[1]}")
    return f"SELECT ({first}) AS {names[0]}, ({second}) AS {names[1]}"


def _name(name: str, sql: str, *, dated: bool = False) -> str:
    """A column name with the values of the conditions: ``blocked_cards``, ``cards_2026_05``.

    Values that begin with a digit come last, as no column name may begin with one, but before a unit.
    """
    said = [*_said(sql), *(text for text in _texts(sql) if dated and DATES.fullmatch(text))]
    values = [re.sub(r"\W+", "_", text).strip("_") for text in said]
    before = [value for value in values if not value[:1].isdigit()]
    behind = [value for value in values if value[:1].isdigit()]
    what, _, unit = name.rpartition("_")
    named = (what, *behind, unit) if unit in UNITS and what else (name, *behind)
    return "_".join([*before, *named])


def _said(sql: str) -> list[str]:
    """The values that contain letters."""
    return [text for text in _texts(sql) if re.search("[a-z]", text)]


def _texts(sql: str) -> list[str]:
    return [text.strip(" %").lower() for text in TEXT.findall(sql)]
