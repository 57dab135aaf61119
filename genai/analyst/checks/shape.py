"""Checks that a query has the form that the question calls for."""

import re
from typing import Final

EXTREME: Final = re.compile(r"^SELECT (?:ROUND\()?-?(?:MAX|MIN)\(|\bLIMIT 1$")
RANKED: Final = re.compile(
    r"\b(?:\w{2,}est|most|least|max\w*|min\w*|top|record|peak|first|last|recent\w*|leading|best|worst"
    r"|number one|more|less|fewer|rank\w*|ever|than|favou?rite|popular|common|busy|lead|ceiling|floor"
    r"|older|younger|high|low|up to|so far|main|biggest)\b",
    re.IGNORECASE,
)
"""Words that ask for the first of something."""

BETWEEN: Final = re.compile(r"BETWEEN '([^']+)' AND '([^']+)'")
SHARE: Final = re.compile(r"100\.0 \* SUM\((?:CASE WHEN )?(\w\.\w+) (?:=|IN)")
GROUPED: Final = re.compile(r" GROUP BY ([^()]*?)(?= HAVING| ORDER BY| LIMIT|$)")

SHARE_OF_EACH: Final = re.compile(
    r"\b(?:share|percentage|proportion|percent) of (?:each|every)\b", re.IGNORECASE
)
OF_ALL: Final = re.compile(r"\(SELECT|\bOVER\b")
"""The share of each group needs the total besides the groups."""

AHEAD: Final = re.compile(r"\b(?:next|coming|upcoming)\b", re.IGNORECASE)
BACK: Final = re.compile(r"date\('[\d-]+', '-")
STRETCH_AHEAD: Final = re.compile(
    r"\b(?:next|coming|upcoming) (?:\d+|\w+|couple of) (?:days|weeks|months|years)\b", re.IGNORECASE
)
ONWARD: Final = re.compile(r"date\('[\d-]+', '\+")

WEEKDAY: Final = re.compile(r"\bwhich (?:week ?day|day of the week)\b", re.IGNORECASE)
BY_WEEKDAY: Final = "'%w'"


COMPARED: Final = re.compile(
    r"\bat (?:least|most)\b|\b(?:more|less|fewer|higher|lower|older|younger|longer|shorter) than\b"
    r"|\b(?:last|first|past) (?:\w+ )?(?:day|week|month|quarter|half|year)s?\b|\bup to\b",
    re.IGNORECASE,
)
"""Comparisons and periods, which rank nothing."""

LOWEST: Final = re.compile(r"\b(?:bottom|fewest|lowest|smallest|least|worst)\b", re.IGNORECASE)
HIGHEST: Final = re.compile(
    r"\b(?:top|most|highest|largest|biggest|greatest|leading)\b", re.IGNORECASE
)
SUMMED: Final = re.compile(r"^SELECT ROUND\(-?SUM\(\w\.\w+\) / 100\.0, 2\) AS \w+ FROM ")
TYPICAL: Final = re.compile(r"\b(?:median|middle|typical|normal|usual)\b", re.IGNORECASE)
BY_NUMBER: Final = re.compile(r" ORDER BY 2(?P<down> DESC)? LIMIT ")


def shaped(question: str, sql: str) -> bool:
    return not (
        (EXTREME.search(sql) and not RANKED.search(COMPARED.sub(" ", question)))
        or (SUMMED.search(sql) and TYPICAL.search(question))
        or _upside_down(COMPARED.sub(" ", question), sql)
        or any(first > last for first, last in BETWEEN.findall(sql))
        or _is_share_of_itself(sql)
        or (SHARE_OF_EACH.search(question) and " GROUP BY " in sql and not OF_ALL.search(sql))
        or (AHEAD.search(question) and BACK.search(sql) and not ONWARD.search(sql))
        or (STRETCH_AHEAD.search(question) and not ONWARD.search(sql))
        or (WEEKDAY.search(question) and BY_WEEKDAY not in sql)
    )


def _upside_down(question: str, sql: str) -> bool:
    """Whether the query sorts in the wrong direction."""
    ranked = BY_NUMBER.search(sql)
    lowest, highest = LOWEST.search(question), HIGHEST.search(question)
    if ranked is None or bool(lowest) == bool(highest):
        return False
    return bool(ranked["down"]) == bool(lowest)


def _is_share_of_itself(sql: str) -> bool:
    """Whether it computes the share of a kind within groups of that kind: always 0 or 100 %."""
    share, grouped = SHARE.search(sql), GROUPED.search(sql)
    return share is not None and grouped is not None and share[1] in grouped[1].split(", ")
