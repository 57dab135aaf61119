"""Finds words of the question that restrict the result but have no counterpart in the query.

A model that overlooks *unpaid* answers "how many unpaid loans are there?" with the number of all loans. The
second reader knows what such a word calls for, if it occurred in training.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.checks.predicates import Predicates
from genai.analyst.checks.shares import COMPUTED, read_share
from genai.analyst.reading.determiners import DETERMINERS
from genai.analyst.reading.second_reader import SecondReader
from genai.analyst.vocabulary import either
from genai.worked_examples.mentions import Mention

PLAIN: Final = DETERMINERS.union(
    (
        *("all", "any", "some", "no", "each", "every", "both"),
        *("either", "neither", "many", "much", "more", "most", "few", "fewer", "fewest"),
        *("less", "least", "several", "other", "another", "such", "same", "different"),
        *("distinct", "unique", "total", "average", "avg", "mean", "typical", "whole"),
        *("first", "second", "third", "last", "next", "new", "live", "existing", "current"),
        *("actual", "single", "of", "in", "on", "at", "by", "for", "from", "to", "with"),
        *("without", "per", "via", "about", "under", "over", "into", "as", "than", "off"),
        *("out", "up", "through", "between", "among", "against", "behind", "is", "are"),
        *("was", "were", "be", "been", "do", "does", "did", "has", "have", "had", "can"),
        *("could", "will", "would", "may", "must", "should", "and", "or", "but", "if"),
        *("when", "where", "which", "who", "whose", "what", "how", "why", "not", "there"),
        *("please", "also", "only", "just", "still", "left", "one", "two", "three", "four"),
        *("five", "six", "seven", "eight", "nine", "ten", "s", "we", "they"),
    )
)
"""Words that restrict nothing, or that other checks cover."""

SUPERLATIVE: Final = re.compile(r".*(?:est|[^aeiou]er)$")
WORD: Final = re.compile(r"(?P<word>[a-z]+)", re.IGNORECASE)


class Ignored:
    """Uses ``nouns`` (names of rows), ``absent`` (how a reply says that the database lacks something)
    and ``of_all`` (words before a noun that exclude no rows) of the vocabulary.
    """

    def __init__(self, words: vocabulary.Vocabulary, reader: SecondReader) -> None:
        self._described = re.compile(
            rf"\b(?!(?:{either(words.of_all)})\b)(?P<word>[a-z]+) (?:{either(words.nouns)})\b",
            re.IGNORECASE,
        )
        self._absent = words.absent
        self._reader = reader
        self._predicates = Predicates(words, reader)

    def ignores(self, question: str, mentions: tuple[Mention, ...], sql: str) -> bool:
        return (
            any(self._reader.misses(word, sql) for word in self._describing(question, mentions))
            or any(
                self._reader.lacks(word, sql, self._absent)
                for word in _told(WORD, question, mentions)
            )
            or self._takes_all(question, mentions, sql)
            or self._predicates.uncovered(question, sql)
        )

    def _takes_all(self, question: str, mentions: tuple[Mention, ...], sql: str) -> bool:
        """Whether a share is computed of all rows, although the question names the whole: *of decided
        disputes*.
        """
        share, computed = read_share(question), COMPUTED.search(sql)
        if share is None or computed is None:
            return False
        begins, ends = share.whole_span
        whole = tuple(
            replace(m, start=m.start - begins, end=m.end - begins)
            for m in mentions
            if begins <= m.start and m.end <= ends
        )
        rest = f"SELECT 1 FROM {computed['rest']}"  # noqa: S608 (it is only read)
        return any(self._reader.misses(word, rest) for word in self._describing(share.whole, whole))

    def _describing(self, text: str, mentions: tuple[Mention, ...]) -> Iterator[str]:
        return _told(self._described, text, mentions)


def _told(pattern: re.Pattern[str], question: str, mentions: tuple[Mention, ...]) -> Iterator[str]:
    """Words that restrict the result and are not names."""
    for match in pattern.finditer(question):
        word = match["word"].lower()
        named = any(m.start <= match.start() < m.end for m in mentions)
        if not named and word not in PLAIN and not SUPERLATIVE.match(word):
            yield word
