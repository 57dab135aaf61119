"""Kinds of information (duration, price, quantity ...) that a question asks for and the best sentences lack.

They may well be about the same thing: *how long does a valuation take?* is not answered by its price, nor
*how much can I spend a month?* by a daily limit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genai.rag.demands.unmet import uncounted
from genai.rag.demands.waiting import asks_how_long, tells_how_long
from genai.rag.questions.word_vectors import WordVectors

_UNIT_OF_TIME = r"(?:second|minute|hour|day|week|month|quarter|year)s?"
_NUMBER = r"(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|first|last)"

_HOW_LONG = re.compile(
    r"\bhow (?:long|soon|quick\w*|fast)\b"
    rf"|\bhow many (?:business |working |calendar )?{_UNIT_OF_TIME}\b"
    r"|\bwhat is the (?:\w+ )?(?:waiting time|duration|notice|period|deadline)",
    re.IGNORECASE,
)
_LONG = re.compile(
    rf"\b{_NUMBER}(?:[ -]\w+)?[ -]{_UNIT_OF_TIME}\b"
    r"|\b(?:same|next|every|each|any|all|whole|last|first) (?:\w+ )?"
    r"(?:day|night|week|month|quarter|year|hour|time)\b"
    r"|\b(?:immediate|instant|at once\b|straight away|daily|weekly|monthly|yearly|unlimited|birthday)"
    r"|\b(?:until|when|as long as|life|death|ends?)\b|\d\d:\d\d|\b\d+(?:st|nd|rd|th)\b"
    r"|\b\d+ (?:January|February|March|April|May|June|July|August|September|October|November|December)",
    re.IGNORECASE,
)

_HOW_MUCH_OF = re.compile(
    r"\bhow much (?!(?:do|does|did|is|are|was|will|would|must|can|could|may|might|should|to|for|of"
    r"|extra|more|at|if|per|a|an|the|it|i|you|my|your|we|time|longer|notice)\b)[a-z]+",
    re.IGNORECASE,
)
_SO_MUCH = re.compile(
    rf"\d|\b(?:{_NUMBER}|third|all|any|none|no|nothing|whole|every|everything|unlimited|twice|full"
    r"|never)\b",
    re.IGNORECASE,
)

_WHAT_COST = re.compile(
    r"\bwhat (?:do|does|will|would|did) .{0,90}\bcosts?\b|\bwhat do you (?:charge|take)\b"
    r"|\bhow (?:much|expensive) (?:do|does|did|is|are|will|would|must|should)\b.{0,60}"
    r"\b(?:costs?|pay|charge[sd]?|fees?|prices?)\b"
    r"|\b(?:what|how high)(?:'s| is| are| does| do)? (?:the |your )?(?:\w+ ){0,2}?"
    r"(?:fees?|prices?|charges?|costs?|premium|penalty)\b",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"[€$£¥₹]|\b(?:euro|dollar|pound|franc|cent)s?\b|\d ?(?-i:[A-Z]{3})\b|\b(?-i:[A-Z]{3}) ?\d"
    r"|\b(?:costs?|charge|fee|price|for) \d|\bfree\b|\d ?%"
    r"|\bno (?:\w+ ){0,2}(?:charges?|fees?|costs?)|\bnothing\b"
    r"|without (?:a |any )?(?:charge|fee|cost)|\bnot? (?:be )?charged|\bcosts? (?:the same|no|as|what)"
    r"|\bnone\b|\bpriced?\b|\binterest\b|as charged|\bat cost\b|\bin full\b|whole",
    re.IGNORECASE,
)

_WHAT_AGE = re.compile(r"\b(?:what|which) age\b|\bhow old\b|\bage limit", re.IGNORECASE)
_AGES = re.compile(
    r"\baged?\b|\bborn\b|\bbirth(?:day)?\b|\b(?:days?|weeks?|months?|years?) old\b"
    r"|\bolder\b|\b\d\d or over\b|\b(?:under|over|turns) \d\d\b|\bchild",
    re.IGNORECASE,
)

_MEASURES = (
    (lambda asked: _HOW_LONG.search(asked) and not asks_how_long(asked), _LONG.search),
    (asks_how_long, tells_how_long),
    (_HOW_MUCH_OF.search, _SO_MUCH.search),
    (_WHAT_COST.search, _COSTS.search),
    (_WHAT_AGE.search, _AGES.search),
)

_PER = re.compile(
    r"(?<!\bfor )(?<!\bin )(?<!\bwithin )(?<!\bafter )(?<!\bhalf )(?<!\bthan )(?<!\bof )"
    r"\b(?:per|an?|each|every|one)\s+(?:calendar\s+)?(day|week|month|quarter|year)\b"
    r"|\b(daily|weekly|monthly|quarterly|yearly|annual)",
    re.IGNORECASE,
)
_PERIODS = {
    "day": re.compile(r"\bdays?\b|daily", re.IGNORECASE),
    "week": re.compile(r"\bweek", re.IGNORECASE),
    "month": re.compile(r"\bmonth", re.IGNORECASE),
    "quarter": re.compile(r"\bquarter", re.IGNORECASE),
    "year": re.compile(r"\byear|annual|\bp\.a\.", re.IGNORECASE),
}
_OF_ADVERBS = {"daily": "day", "annual": "year"}

_WHICH_ONE = re.compile(
    r"\b(?:which|what)\s+(?:(?!(?:do|does|did|is|are|was|can|will|may|would|the|an?|your|my)\b)\w+\s+){0,2}?"
    r"(?:compan(?:y|ies)|banks?|branch(?:es)?|shops?|stores?"
    r"|cit(?:y|ies)|towns?|countr(?:y|ies)|airlines?|partners?|insurers?|firms?|merchants?|stations?"
    r"|notar(?:y|ies)|lawyers?|brands?|streets?|networks?)\b|\bnames? of\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<=[a-z,;:|] )(?!Harbour\b|Bank\b|\w+day\b|(?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b)[A-Z][a-z]+"
)


@dataclass(frozen=True, slots=True)
class Missed:
    """What is asked for and missing, each between 0 and 1.

    ``measure``: a duration, price, quantity or age is asked for, and no quote gives one.
    ``measure_first``: the first quote gives none. ``name``: the first quote does not name the one asked
    for. ``count``: the first quote counts other things. ``period``: the question names a period, such
    as *a month*, that the passage does not mention.
    """

    measure: float = 0.0
    measure_first: float = 0.0
    name: float = 0.0
    count: float = 0.0
    period: float = 0.0


def missed(question: str, text: str, quotes: Sequence[str], words: WordVectors) -> Missed:
    """``text`` is the passage with its headings; ``quotes`` are from it, best first."""
    wanted = [gives for asks, gives in _MEASURES if asks(question)]
    return Missed(
        measure=float(bool(wanted) and not any(gives(text) for gives in wanted for text in quotes)),
        measure_first=float(bool(wanted) and not any(gives(quotes[0]) for gives in wanted)),
        name=float(bool(_WHICH_ONE.search(question)) and not _NAME.search(quotes[0])),
        count=uncounted(question, quotes[0], words),
        period=float(any(not _PERIODS[one].search(text) for one in _periods(question))),
    )


def _periods(question: str) -> Iterator[str]:
    for match in _PER.finditer(question):
        name = (match[1] or match[2]).lower()
        yield _OF_ADVERBS.get(name, name.removesuffix("ly"))
