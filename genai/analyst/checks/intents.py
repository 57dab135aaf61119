"""Checks that a query computes what the question asks for: a count, an average, a share, a rank.

A model may select the right rows and compute the wrong thing. The wording of the question must match the
form of the SQL, independently of the tables.
"""

import re
from dataclasses import dataclass
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.vocabulary import either


@dataclass(frozen=True, slots=True)
class Intent:
    """If ``asked`` matches the question, ``computed`` must match the query."""

    asked: re.Pattern[str]
    computed: re.Pattern[str]


def _intent(asked: str, computed: str) -> Intent:
    return Intent(re.compile(asked, re.IGNORECASE), re.compile(computed, re.IGNORECASE))


_GROUPS: Final = "type|status|kind|month|year"
_BEST: Final = (
    "most|highest|lowest|largest|biggest|smallest|greatest|oldest|youngest|newest|latest|earliest"
    "|longest|fewest|richest|cheapest|priciest|dearest"
)
_TIME: Final = "(?:day|week|month|quarter|year)"
_LARGE: Final = r"highest|largest|biggest|max\w*"
_LITTLE: Final = r"lowest|smallest|min\w*"
_PAYS: Final = (
    "owe[sd]?|spen[dt]s?|earn(?:s|ed)?|borrow(?:s|ed)?|sav(?:e[sd]?|ing)|pa(?:ys?|id)|repa(?:ys?|id)|len[dt]s?"
    "|withdr[ae]ws?|deposit(?:s|ed)?"
)
"""Verbs of money: *who spends most* asks for the largest sum, not for the highest count."""

_UNITS: Final = "days?|weeks?|months?|years?|percent|%"

_NO_EVENT: Final = (
    r"name|half|quarter|day|week|month|year|decade|home|\d+|\w+ (?:days|weeks|months|years)"
)
"""After *first*: a name or a time, not an event."""

_PLAIN: Final = (
    _intent(
        rf"\bhow many\b(?! (?:{_UNITS}|euros?|eur|cents)\b)(?!.*\b(?:out of|in) (?:a|every) hundred\b)",
        r"COUNT\(|SUM\(CASE|100\.0 \*",
    ),
    _intent(
        r"\b(?:percentage|proportion|fraction|share) of\b|\b(?:what|which|how many) (?:percent|%|pct)",
        r"100\.0 \*",
    ),
    _intent(
        rf"\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th)[ -](?:{_BEST})\b", r"OFFSET|LIMIT \d"
    ),
    _intent(
        rf"(?<!at )\b(?:{_BEST})\b(?! (?:recent )?(?:\w+ ){{0,2}}(?:days|weeks|months|years)\b)",
        r"ORDER BY|MAX\(|MIN\(|GROUP BY",
    ),
    _intent(r"\b(?:distinct|unique)\b|\bhow many different\b", r"DISTINCT|GROUP BY"),
    _intent(
        r"\b(?:difference between|how many more|outnumber)\b", r"GROUP BY|\) - SUM|\) - \(SELECT"
    ),
    _intent(r"\bolder than [\w ]{1,12}(?:days|weeks|months)\b", r"date\(|julianday\("),
    _intent(
        rf"\b(?:{_LARGE})\b[\w ]{{0,9}}(?:,|and|or) (?:the )?(?:{_LITTLE})\b"
        rf"|\b(?:{_LITTLE})\b[\w ]{{0,9}}(?:,|and|or) (?:the )?(?:{_LARGE})\b",
        r"MAX\(.*MIN\(|MIN\(.*MAX\(",
    ),
    _intent(
        rf"\b(?:per|each|every) {_TIME} on average\b|\bon average,? (?:per|each|every) {_TIME}\b"
        rf"|\baverage\b(?: [\w-]+){{0,4}} per {_TIME}\b|\b(?:daily|weekly|monthly|yearly|annual) average\b",
        r"/ COUNT\(DISTINCT (?:substr|date|strftime)\(|FROM \(SELECT",
    ),
    _intent(
        r"^(?:what(?:'s| is| was) |give me |tell me |show me )?(?:the )?(?:number|count) of "
        rf"(?!{_UNITS}\b)",
        r"COUNT\(|SUM\(CASE|100\.0 \*",
    ),
    _intent(
        r"\b(?:before|after) (?:they|their|it|its|he|she|the \w+)\b(?: \w+){0,3}? (?:\w+ed|began)\b",
        r"[<>]=? (?:substr\()?[a-z]\.[a-z_]+|JULIANDAY\(",
    ),
    _intent(r"\bmedian\b", r"\bROW_NUMBER\("),
    _intent(r"\b(?:most|least) (?:often|frequent\w*)\b", r"COUNT\("),
    _intent(
        rf"\b(?:{_PAYS})\b(?: (?:us|the bank|out|back|in))? (?:the )?(?:most|least)\b"
        r"(?: (?:money|interest|of all)\b|\W*$"
        r"| (?:on|in|at|to|for|by|with|per|last|this|since|from|during)\b)",
        r"(?:SUM|AVG|MAX|MIN)\((?!CASE)|ORDER BY .*_cents\b|_cents ?/ ?100",
    ),
    _intent(
        rf"\b(?:{_PAYS})\b (?:more|less)\b(?:,|\W*$| (?:than|in|on|for|or|at|last|this|since)\b)",
        r"(?:SUM|AVG|MAX|MIN)\((?!CASE)|_cents\b",
    ),
    _intent(r"\bhow many (?:euros?|eur|cents)\b", r"SUM\((?!CASE)|AVG\(|MAX\(|MIN\(|_cents\b"),
    _intent(
        r"^(?:is|are|do|does|did|has|have)\b.*\b(?:ris(?:e|en|ing)|f[ae]ll(?:en|ing)?|gr[eo]w(?:n|ing)?"
        r"|increas(?:e|ed|ing)|decreas(?:e|ed|ing)|declin(?:e|ed|ing)"
        r"|shr[aiu]nk(?:ing)?|g(?:one|oing) (?:up|down))\b|\btrends?\b",
        r"GROUP BY|\) - |CASE WHEN .* CASE WHEN",
    ),
    _intent(
        rf"\b(?:their|his|her|its|a) (?:very )?first (?!(?:{_NO_EVENT})\b)|\bfor the (?:very )?first time\b"
        r"|\bfirst[- ]time\b",
        r"MIN\(|ORDER BY|ROW_NUMBER|NOT EXISTS|EXCEPT",
    ),
    _intent(r"\bper (?:head|person|capita)\b", r"/ COUNT\(|AVG\(|GROUP BY"),
    _intent(r"\bratio (?:of|between) .+ (?:to|and) |\bto[- ]\w+ ratio\b", r"1\.0 \*|\) / \("),
    _intent(r"\b(?:just|only) the (?:number|count)\b|: how many\b", r"COUNT\("),
    _intent(
        r"^(?!.*(?:\d|\b(?:how|which|what|who|when|list|show|name|numbers?|count|average|total|sum|by|per"
        r"|each)\b)).*\b(?:tell|know|learn|hear|talk|speak|say|information|details|something|anything)\b"
        r"[\w ]*\babout ",
        r"LOWER\(|_id = \d|(?-i:\bname) (?:=|LIKE) | LIMIT \d",
    ),
    _intent(r"^(?:list|name|enumerate) ", r"SELECT (?!COUNT\(\*\) AS \w+ FROM)"),
)


class Intents:
    def __init__(self, words: vocabulary.Computed, born: str) -> None:
        self._intents = (*_PLAIN, *_compared(words, born), *_amounts(words))

    def computes(self, question: str, sql: str) -> bool:
        return all(
            one.computed.search(sql) is not None
            for one in self._intents
            if one.asked.search(question)
        )


def _compared(words: vocabulary.Computed, born: str) -> tuple[Intent, ...]:
    """Intents for groups, lists and ages."""
    single = "".join(rf"(?<!{re.escape(group)})" for group in words.one_group)
    return (
        _intent(
            rf"\b(?:by|per|each|every) (?:\w+ )?(?:{either((_GROUPS, *words.groups))})s?\b{single}",
            r"GROUP BY|DISTINCT|ORDER BY",
        ),
        _intent(rf"\b(?:the|has|have) (?:most|fewest) (?:{either(words.listed)})\b", r"COUNT\("),
        _intent(r"\b(?:years old|years of age)\b", rf"{born}|date\(|julianday\("),
        _intent(rf"\b(?:older|younger) than \d+\b(?! (?:{_UNITS}))", born),
        _intent(
            rf"^which (?:{either(words.listed)})\b(?!.*\bmost\b)",
            r"_id\b.* FROM|name\b.* FROM|DISTINCT|COUNT\(",
        ),
    )


def _amounts(words: vocabulary.Computed) -> tuple[Intent, ...]:
    """Intents for averages, totals and amounts."""
    return (
        _intent(
            r"(?<!than )(?<!above )(?<!below )(?<!above the )(?<!below the )(?<!than the )"
            r"(?<!above-)(?<!below-)\b(?:average|avg|mean)\b"
            rf"(?! (?:{either(('percentage', *words.typical))}))",
            r"AVG\(|/ COUNT\(|100\.0 \*",
        ),
        _intent(
            r"^(?!.*\b(?:how many|number|count|average|mean|typical|highest|lowest)\b).*"
            rf"\b(?:total|sum of|combined)\b[\w ]* (?:{either(words.summed)})\b",
            r"SUM\(|HAVING|WHERE .*SUM",
        ),
        _intent(
            r"^how much\b(?! (?:more|longer|older))"
            r"|^how (?:big|large|high) (?:is|are|was|were)\b"
            r"(?!.*\b(?:base|clientele|population|number|count|volume of)\b)"
            rf"|^what (?:do|did|does) .*\b(?:{either(words.paid)})\b",
            rf"SUM\(|AVG\(|MAX\(|MIN\(|_cents|{either(words.measured)}|100\.0",
        ),
    )
