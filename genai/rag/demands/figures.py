"""The kind of figure that a question asks for, and whether a text gives one."""

import re
from collections.abc import Sequence

_ASKED = re.compile(
    r"\b(how (much|many|long|old|often|soon|quick|quickly|fast|late|early|high|big|far)|when|until"
    r"|what (time|age|percentage)|fees?|costs?|price|charges?|rate|limit|maximum|minimum|deadline"
    r"|amount|percent)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|free|no|none|nothing"
    r"|immediately|instantly|at once"
    r"|(same|next|every|each) ((business|working) )?(day|week|month|year))\b",
    re.IGNORECASE,
)

Kind = re.Pattern[str]
"""Expressions of a figure of one kind."""

_MONEY = re.compile(r"[€$£]|\b(euros?|dollars?|free)\b|\d ?%|\bno (charge|fee)", re.IGNORECASE)
_TIME = re.compile(
    r"\b(\d+|one|two|three|next|same|every|each)\W+((business|working|calendar) )?"
    r"(second|minute|hour|day|week|month|quarter|year)s?\b|\d\d:\d\d\b|\b(at once|immediately|instantly)\b"
    r"|\b\d+(st|nd|rd|th)\b|\b\d+ (Jan|Feb|Mar|Apr|May|June|July|Aug|Sep|Oct|Nov|Dec)|\bage\b|\baged\b",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\b(\d+|one|two|three|four|five)\b", re.IGNORECASE)

_KINDS = (
    (
        re.compile(
            r"\b(how much|costs?|price[sd]?|fees?|charge[sd]?|pay|penalty|expensive|free|cheap\w*"
            r"|euros?|dollars?|refund\w*|compensation|amount|sum|rates?|percent\w*|max|maximum|minimum|limit|most|least"
            r"|highest|lowest|cap|ceiling)\b|[€$£]",
            re.IGNORECASE,
        ),
        _MONEY,
    ),
    (
        re.compile(
            r"\b(how (long|soon|fast|quick\w*|late|early|often|old|far)|when|until|deadline|time"
            r"|by what|days?|weeks?|months?|years?|hours?|latest|age|before|after)\b",
            re.IGNORECASE,
        ),
        _TIME,
    ),
    (re.compile(r"\bhow many\b", re.IGNORECASE), _COUNT),
)


def asks_figure(question: str) -> bool:
    return bool(_ASKED.search(question))


def gives_figure(text: str) -> bool:
    """Includes words in place of figures, such as ``free`` or ``at once``."""
    return bool(_GIVEN.search(text))


def asked_kinds(question: str) -> tuple[Kind, ...]:
    """The kinds of figures (sums, times, counts) that may answer a question."""
    return tuple(given for asked, given in _KINDS if asked.search(question))


def gives_one_of(kinds: Sequence[Kind], text: str) -> bool:
    return any(kind.search(text) for kind in kinds)
