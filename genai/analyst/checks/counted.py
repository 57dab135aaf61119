"""Checks that a query counts what the question counts."""

import re
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.vocabulary import either

LINKS: Final = (
    "of|in|with|and|or|to|for|from|over|by|on|have|has|do|does|did|are|is|were|was|that|which|who|whose|don't"
    "|belonging|different|recorded|about|only"
)
"""If one of these stands before the noun, the noun only describes what is counted."""

FROM: Final = re.compile(r"^SELECT .*? FROM (\w+)\b", re.IGNORECASE | re.DOTALL)


class CountedCheck:
    def __init__(self, words: vocabulary.Counted) -> None:
        self._called = {
            name: re.compile(either(table.called)) for name, table in words.tables.items()
        }
        self._told_apart = {
            name: tuple(f"DISTINCT {column}" for column in table.told_apart)
            for name, table in words.tables.items()
        }
        self._asked = _asked(words)

    def counts(self, question: str, sql: str) -> bool:
        """Whether the query counts the rows of that table, or its distinct ids."""
        asked, table = self._asked.search(question), FROM.match(sql)
        if asked is None or table is None or table[1] not in self._called:
            return True
        noun = asked["noun"].lower()
        wanted = next(name for name, called in self._called.items() if called.fullmatch(noun))
        told_apart = any(ids in sql for ids in self._told_apart[wanted])
        return table[1] == wanted or told_apart or f" AS {wanted}" in sql


def _asked(words: vocabulary.Counted) -> re.Pattern[str]:
    nouns = either(word for table in words.tables.values() for word in table.called)
    behind = either(f" {word}" for word in words.never_before)
    return re.compile(
        rf"\bhow many (?:of (?:our|the|all|all our) )?"
        rf"(?:(?!(?:{either((LINKS, *words.links))})\b)[\w'-]+ ){{0,2}}?"
        rf"(?P<noun>{nouns})\b(?!{behind})",
        re.IGNORECASE,
    )
