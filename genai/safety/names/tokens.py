"""Tokenizes a text for the tagger: words and signs, each with a few hashed features."""

import re
import zlib
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W\d_]+|\d+|\n|[^\s]")
_KINDS = "wpqstu"
"""Prefixes of feature types, so that equal texts of two types do not collide."""

FEATURES = len(_KINDS)


class Token(NamedTuple):
    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Words, numbers, line breaks and single signs; other white space only separates."""
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


@lru_cache(maxsize=4_096)
def rows_of(word: str, rows: int) -> tuple[int, ...]:
    """The embedding rows of a word; row 0 is padding."""
    small = word.lower()
    known = "0" * len(word) if word.isdigit() else small
    values = (known, small[:3], small[:4], small[-3:], small[-2:], _shape(word))
    return tuple(
        1 + zlib.crc32((kind + value).encode()) % (rows - 1)
        for kind, value in zip(_KINDS, values, strict=True)
    )


def _shape(word: str) -> str:
    if not word.isalpha():
        return word[:1] if not word.isdigit() else f"d{len(word)}"
    if word.islower():
        case = "x"
    elif word.isupper():
        case = "X"
    else:
        case = "Xx" if word[1:].islower() else "xX"
    return f"{case}{min(len(word), 6)}{'' if word.isascii() else 'é'}"
