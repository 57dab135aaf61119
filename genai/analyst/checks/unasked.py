"""Checks that every condition of a query has a word of the question behind it."""

import re
from collections.abc import Iterator
from typing import Final

from genai.analyst import vocabulary
from genai.analyst.reading.features import AMONG, TEXT
from genai.analyst.vocabulary import either
from genai.edit_distance import edit_distance
from genai.worked_examples.mentions import Mention
from genai.worked_examples.periods import MONTHS

WORD: Final = re.compile(r"[a-z]+")
SHORT: Final = 5
VALUE: Final = re.compile(r"'([^']*)'")
LOOKED_FOR: Final = re.compile(r"LOWER\((?P<column>\w\.\w+)\) = TRIM\('(?P<name>[^']*)'\)")
DATED: Final = re.compile(
    r"(?P<column>\b\w\.\w+_(?:on|at|date))\b(?:, 1, \d+\))?\)? (?:[<>]=?|=|LIKE|BETWEEN) \(?(?:date\()?"
    r"'(?P<date>(?:19|20)\d\d[^']*)'",
    re.IGNORECASE,
)
TIME: Final = re.compile(
    rf"\d|\b(?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*\b"
    r"|\b(?:today|yesterday|tomorrow|now|current\w*|recent\w*|lately|ago|past|last|latest|previous\w*"
    r"|preceding|prior|present|gone|next|coming|upcoming|this|so far|to date|yet|already|still|decade"
    r"|old|older|oldest|young|younger|youngest|aged?|ages|century|millennium|spring|summer|autumn|winter"
    r"|christmas|easter|new year\w*|teen\w*|twent\w*|thirt\w*|fort\w*|fift\w*|sixt\w*|sevent\w*"
    r"|eight\w*|ninet\w*|adults?|minors?|under ?age\w*|pension\w*|seniors?|child\w*|retire\w*"
    r"|weekends?|(?:first|second|third|fourth) (?:quarter|half)|mature\w*|ytd|mtd)\b",
    re.IGNORECASE,
)
"""A time, or one relative to today; *the year* alone is neither."""


class UnaskedCheck:
    """Built from other names of values, by column and value."""

    def __init__(self, words: vocabulary.Unasked) -> None:
        self._called = {
            (column, value): re.compile(
                rf"\b(?:{re.escape(value)}|{either(called)})\b", re.IGNORECASE
            )
            for column, values in words.called.items()
            for value, called in values.items()
        }
        self._misread = words.misread
        self._whole = frozenset(words.whole)

    def asked(self, said: str, mentions: tuple[Mention, ...], sql: str) -> bool:
        """``said`` is the question and the one it follows up; ``mentions`` are the names in both."""
        named = {str(value).lower() for one in mentions for value in one.kinds.values()}
        return (
            all(
                value.lower() in named or called.search(said)
                for column, value in _looked_for(sql)
                if (called := self._called.get((column, value))) and not _misspelt(value, said)
            )
            and all(
                name in said.lower() and (" " in name or column not in self._whole)
                for column, name in _names(sql)
            )
            and (DATED.search(sql) is None or _names_a_time(said, mentions))
        )

    def without(self, question: str, sql: str) -> str:
        """Replaces conditions that a word of the question is known to be mistaken for."""
        for one in self._misread:
            if one.asked.search(question):
                sql = one.read.sub(one.instead, sql)
        return sql


def _looked_for(sql: str) -> Iterator[tuple[str, str]]:
    for alias, column, _, value in TEXT.findall(sql):
        yield f"{alias}.{column}", value
    for alias, column, values in AMONG.findall(sql):
        for value in VALUE.findall(values):
            yield f"{alias}.{column}", value


def _names_a_time(said: str, mentions: tuple[Mention, ...]) -> bool:
    return TIME.search(said) is not None or any("period" in one.kinds for one in mentions)


def _misspelt(value: str, said: str) -> bool:
    """Whether the value occurs with a typo, such as *bloked*."""
    return any(
        word[0] == value[0] and not value.startswith(word) and edit_distance(word, value) == 1
        for word in WORD.findall(said.lower())
        if len(word) >= SHORT
    )


def _names(sql: str) -> Iterator[tuple[str, str]]:
    for found in LOOKED_FOR.finditer(sql):
        yield found["column"], found["name"].strip().lower()
