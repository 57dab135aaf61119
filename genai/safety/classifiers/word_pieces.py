"""A WordPiece tokenizer: splits words into the longest pieces of a vocabulary."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

UNKNOWN = "[UNK]"
_CONTINUES = "##"
_TOKEN = re.compile("[\u3040-\u9fff]|[^\\W\u3040-\u9fff]+|[^\\w\\s]")
"""A word, a sign, or a single character of a script that has no spaces."""

_RULED = re.compile(r"([^\w\s])\1{2,}")
"""A run of equal signs counts as at most two of them."""

_LONGEST = 40
_REMEMBERED = 4_096


class Pieces:
    """The tokenizer of lower-case text. Accents are ignored."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._rows = {piece: row for row, piece in enumerate(vocabulary)}
        self._unknown = self._rows[UNKNOWN]
        self._of_word = lru_cache(maxsize=_REMEMBERED)(self._cut)
        self._of_short = lru_cache(maxsize=_REMEMBERED)(self._of)

    def are(self, vocabulary: Sequence[str]) -> bool:
        """Whether the vocabulary consists of these pieces, in this order."""
        return list(self._rows) == list(vocabulary)

    def rows(self, text: str) -> list[int]:
        """The vocabulary index of each piece, in order."""
        found: list[int] = []
        for said in text.split():  # no word or line of signs goes on behind a space
            seldom_again = len(said) > _LONGEST or said[0].isdigit()
            found += self._of(said) if seldom_again else self._of_short(said)
        return found

    def _of(self, said: str) -> tuple[int, ...]:
        """The pieces of words and signs without spaces between them."""
        words = _TOKEN.findall(_RULED.sub(r"\1\1", said))
        return tuple(
            row
            for word in words
            for row in (self._cut(word) if word[0].isdigit() else self._of_word(word))
        )

    def _cut(self, word: str) -> tuple[int, ...]:
        rest = _without_accents(word)[:_LONGEST]
        found: list[int] = []
        while rest:
            mark = _CONTINUES if found else ""
            end = next((e for e in range(len(rest), 0, -1) if mark + rest[:e] in self._rows), 0)
            found.append(self._rows[mark + rest[:end]] if end else self._unknown)
            rest = rest[max(1, end) :]
        return tuple(found)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
