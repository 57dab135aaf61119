"""Does a query read the tables that the question speaks of, and look for each name in it?"""

import re
from typing import Final

from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import MONTHS

SPOKEN: Final = (  # what is spoken of, and what then stands in the query
    (r"(?<!no )\b(?:loans?|mortgages?)\b", r"\bloans\b"),
    (
        r"\b(?:credit|debit|virtual) cards?\b|\bcards\b(?! payments?| transactions?)",
        r"\bcards\b|'card'",
    ),
    (r"\bbranch(?:es)?\b(?! (?:managers?|staff))", r"\bbranches\b|\bb\."),
    (r"\b(?:disputes?|chargebacks?)\b", r"\bdisputes\b"),
    (r"\bdeposits\b", r"balance_cents|savings deposit|ORDER BY t\.amount_cents"),
)
RULES: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(read, re.IGNORECASE)) for asked, read in SPOKEN
)
WHO: Final = re.compile(
    r"^(?:who|whose)\b(?!.*\bhow (?:many|much)\b)(?!.*\b(?:larger|higher|lower|bigger|more)\b)",
    re.IGNORECASE,
)
NAME: Final = re.compile(r"\b(?:name|merchant)\b|COUNT\(")
SAVED: Final = re.compile(
    r"deposit|aside|into|transfer|put |saved|savings? (?:pay|contrib|book|entr|trans)",
    re.IGNORECASE,
)
DISPUTED: Final = re.compile(
    r"\b(?:disput|case|complain|chargeback|claim|contest|objecti|reclam|refund|quer|disagree|clos|settl|resol)\w*",
    re.IGNORECASE,
)
PROPER: Final = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
PLAIN: Final = frozenset(
    (
        *MONTHS,
        *(month[:3] for month in MONTHS),
        *("sept", "euro", "euros", "eur", "harbour", "bank", "christmas", "summer", "winter"),
        *("spring", "autumn", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
        *("sunday", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays"),
        *("sundays", "saturday", "new", "year", "january", "board", "the", "please", "thanks"),
    )
)


def named(question: str, mentions: tuple[Mention, ...], sql: str, before: str = "") -> bool:
    if any(asked.search(question) and not read.search(sql) for asked, read in RULES):
        return False
    if (
        " FROM disputes" in sql
        and "dispute_id = " not in sql
        and not DISPUTED.search(f"{before} {question}")
    ):
        return False
    if "= 'savings deposit'" in sql and not SAVED.search(f"{before} {question}"):
        return False
    if not before and not tells_who(question, sql):
        return False
    return all(_known(match, mentions, sql) for match in PROPER.finditer(question))


def tells_who(question: str, sql: str) -> bool:
    """Whether a query for a person shows a name."""
    return not WHO.search(question) or NAME.search(sql) is not None


def _known(match: re.Match[str], mentions: tuple[Mention, ...], sql: str) -> bool:
    """Whether a word that is written large is one of a known name, or is looked for."""
    word = match[0].lower()
    covered = any(m.start <= match.start() < m.end for m in mentions)
    return covered or word in PLAIN or word in sql.lower()
