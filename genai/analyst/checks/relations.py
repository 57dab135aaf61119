"""Checks that *who*, *when* and *where* ask for something that the database holds.

A model replaces what it lacks by another column: *who blocked the card?* would name its owner.
"""

import re
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.vocabulary import PatternPair, either

ASKS: Final = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|please) )*(?:(?P<when>when(?! it comes)|on (?:which|what) (?:date|day))"
    r"|(?P<where>where)|(?P<who>(?:by )?whom?))(?=\W)(?!.*\bhow (?:many|much)\b)",
    re.IGNORECASE,
)
GROUPED: Final = " GROUP BY "
"""*When was spending highest?* asks for a group, which is no relation."""


class Relations:
    def __init__(self, known: vocabulary.Known) -> None:
        self._known = {"who": known.who, "when": known.when, "where": known.where}
        self._things = re.compile(rf"\b(?:{either(known.things)})", re.IGNORECASE)

    def knows(self, question: str, sql: str) -> bool:
        """Whether the query reads the relation that the question names."""
        found = ASKS.match(question)
        if found is None or found.lastgroup is None or GROUPED in sql:
            return True
        pairs, asked = self._known[found.lastgroup], question[found.start(found.lastgroup) :]
        if not pairs or (found["who"] and not self._things.search(asked)):
            return True
        return any(_fits(one, asked, sql) for one in pairs)


def _fits(pair: PatternPair, asked: str, sql: str) -> bool:
    return pair.asked.search(asked) is not None and pair.read.search(sql) is not None
