"""Does a query compute what the question asks for: a number of rows, an average, a share, a rank?

A model may find the right rows and compute something else of them. What the words ask for shows in
the form of the SQL, whatever the tables are.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Intent:
    """Where ``asked`` matches the question, ``computed`` must match the query."""

    asked: re.Pattern[str]
    computed: re.Pattern[str]


def _intent(asked: str, computed: str) -> Intent:
    return Intent(re.compile(asked, re.IGNORECASE), re.compile(computed, re.IGNORECASE))


_GROUPS: Final = (
    "country|countries|city|cities|segment|type|status|kind|month|year|branch|category|channel"
    "|merchant|reason|shop"
)
_BEST: Final = (
    "most|highest|lowest|largest|biggest|smallest|greatest|oldest|youngest|newest|latest|earliest"
    "|longest|fewest|richest|cheapest|priciest|dearest"
)
_UNITS: Final = "days?|weeks?|months?|years?|percent|%"

INTENTS: Final = (
    _intent(
        rf"\bhow many\b(?! (?:{_UNITS})\b)(?!.*\b(?:out of|in) (?:a|every) hundred\b)",
        r"COUNT\(|SUM\(CASE|100\.0 \*",
    ),
    _intent(
        r"(?<!than )(?<!above )(?<!below )(?<!above the )(?<!below the )(?<!than the )(?<!above-)(?<!below-)"
        r"\b(?:average|avg|mean)\b(?! (?:percentage|account\b(?! balance)|loan\b))",
        r"AVG\(|/ COUNT\(|100\.0 \*",
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
    _intent(
        rf"\b(?:by|per|each|every) (?:\w+ )?(?:{_GROUPS})s?\b"
        r"(?<!business segment)(?<!premium segment)(?<!private segment)",
        r"GROUP BY|DISTINCT|ORDER BY",
    ),
    _intent(r"\b(?:distinct|unique)\b|\bhow many different\b", r"DISTINCT|GROUP BY"),
    _intent(
        r"\b(?:difference between|how many more|outnumber)\b", r"GROUP BY|\) - SUM|\) - \(SELECT"
    ),
    _intent(r"\bolder than [\w ]{1,12}(?:days|weeks|months)\b", r"date\(|julianday\("),
    _intent(r"\b(?:years old|years of age)\b", r"birth_date|date\(|julianday\("),
    _intent(
        r"^(?!.*\b(?:how many|number|count|average|mean|typical|highest|lowest)\b).*"
        r"\b(?:total|sum of|combined)\b[\w ]*"
        r" (?:balances?|limits?|debts?|deposits|spending|savings|principal)\b",
        r"SUM\(|HAVING|WHERE .*SUM",
    ),
    _intent(
        r"^how much\b(?! (?:more|longer|older))",
        r"SUM\(|AVG\(|MAX\(|MIN\(|_cents|rate_percent|100\.0",
    ),
    _intent(
        r"^which (?:disputes|customers|accounts|cards|loans)\b(?!.*\bmost\b)",
        r"_id\b.* FROM|name\b.* FROM|DISTINCT|COUNT\(",
    ),
    _intent(r"^(?:list|name|enumerate) ", r"SELECT (?!COUNT\(\*\) AS \w+ FROM)"),
)


def computes(question: str, sql: str) -> bool:
    return all(
        one.computed.search(sql) is not None for one in INTENTS if one.asked.search(question)
    )
