"""Checks that a query reads the tables that the question mentions, and searches for each name in it."""

import re
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.vocabulary import either
from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import MONTHS

WHO: Final = re.compile(
    r"^(?:who|whose)\b(?!.*\bhow (?:many|much)\b)(?!.*\b(?:larger|higher|lower|bigger|more)\b)",
    re.IGNORECASE,
)
PROPER: Final = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
PLAIN: Final = frozenset(
    (
        *MONTHS,
        *(month[:3] for month in MONTHS),
        *("sept", "euro", "euros", "eur", "christmas", "summer", "winter"),
        *("spring", "autumn", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
        *("sunday", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays"),
        *("sundays", "saturday", "new", "year", "january", "the", "please", "thanks"),
    )
)


class NamedCheck:
    def __init__(self, words: vocabulary.Named) -> None:
        self._spoken = words.spoken
        self._unspoken = words.unspoken
        self._shown = re.compile(rf"\b(?:{either(words.shown)})\b|COUNT\(")
        self._plain = PLAIN.union(words.large)

    def named(
        self, question: str, mentions: tuple[Mention, ...], sql: str, before: str = ""
    ) -> bool:
        if not self.reads(question, sql) or not self._says(f"{before} {question}", sql):
            return False
        if not before and not self.tells_who(question, sql):
            return False
        return all(self._is_covered(match, mentions, sql) for match in PROPER.finditer(question))

    def tells_who(self, question: str, sql: str) -> bool:
        """Whether the query for *who* selects a name."""
        return not WHO.search(question) or self._shown.search(sql) is not None

    def reads(self, question: str, sql: str) -> bool:
        """Whether the query reads each table that the question mentions."""
        return all(
            one.read.search(sql) for one in self._spoken if one.asked.search(question) is not None
        )

    def _says(self, said: str, sql: str) -> bool:
        """Whether the question mentions the tables that nobody means implicitly."""
        return all(
            one.asked.search(said) for one in self._unspoken if one.read.search(sql) is not None
        )

    def _is_covered(self, match: re.Match[str], mentions: tuple[Mention, ...], sql: str) -> bool:
        """Whether a capitalised word is a known name, or the query searches for it."""
        word = match[0].lower()
        covered = any(m.start <= match.start() < m.end for m in mentions)
        return covered or word in self._plain or word in sql.lower()
