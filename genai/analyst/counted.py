"""Does a query count what the question counts?"""

import re
from typing import Final

NOUNS: Final = {
    "customers": r"customers|clients|people|account holders|persons",
    "accounts": r"accounts",
    "cards": r"cards",
    "loans": r"loans|mortgages",
    "disputes": r"disputes|chargebacks|cases",
    "transactions": r"transactions|bookings|payments",
    "branches": r"branches",
}
LINKS: Final = (
    "of|in|with|and|or|to|for|from|over|by|on|have|has|do|does|did|are|is|were|was|that|which|who|whose|don't"
    "|belonging|signed|different|recorded|about|disputed|contested|only"
)
"""With one of these, the noun belongs to what is counted, and is not it."""

ASKED: Final = re.compile(
    rf"\bhow many (?:of (?:our|the|all|all our) )?(?:(?!(?:{LINKS})\b)[\w'-]+ ){{0,2}}?"
    rf"(?P<noun>{'|'.join(NOUNS.values())})\b(?! holders| payments| transactions| opened)",
    re.IGNORECASE,
)
FROM: Final = re.compile(r"^SELECT .*? FROM (\w+)\b", re.IGNORECASE | re.DOTALL)


def counts(question: str, sql: str) -> bool:
    """Whether rows of that table are counted, or its ids are told apart."""
    asked, table = ASKED.search(question), FROM.match(sql)
    if asked is None or table is None or table[1] not in NOUNS:
        return True
    wanted = next(
        name for name, words in NOUNS.items() if re.fullmatch(words, asked["noun"].lower())
    )
    told_apart = f"DISTINCT a.{wanted[:-1]}_id" in sql or f"DISTINCT l.{wanted[:-1]}_id" in sql
    return table[1] == wanted or told_apart or f" AS {wanted}" in sql
