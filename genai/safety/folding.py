"""Reads characters as the plain ones that they stand for, and knows where each of them stood.

    full-width 4111 ──▶ folded ──▶ 4111 ──▶ found at 0 to 4 ──▶ where that is in the original

ASCII text, and text without such characters, is not copied.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from genai.safety.normalise import INVISIBLE

_SPACES = "\u2000-\u200a\u202f\u205f\u3000"
_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63"
_COMPATIBLE = "\uff01-\uff5e\ufe50-\ufe6b\U0001d400-\U0001d7ff"
_FOLDABLE = re.compile(
    rf"{INVISIBLE.pattern}|[{_SPACES}{_DASHES}{_COMPATIBLE}]|(?![0-9])\d|[\u2024\u2219\u00b7]"
)
_SPACE = re.compile(f"[{_SPACES}]")
_DASH = re.compile(f"[{_DASHES}]")
_DOT = re.compile("[\u2024\u2219\u00b7]")


@dataclass(frozen=True, slots=True)
class Folded:
    """``starts`` says where each character stood, and then where the original ends."""

    text: str
    starts: tuple[int, ...] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original this part of the text stands; ``end`` is after ``start``."""
        if self.starts is None:
            return start, end
        return self.starts[start], self.starts[end - 1] + 1

    def position(self, index: int) -> int:
        return index if self.starts is None else self.starts[index]


def folded(text: str) -> Folded:
    """The text in plain digits, letters and signs, without invisible characters."""
    if text.isascii():
        return Folded(text)
    return _folded(text)


@lru_cache(maxsize=4)
def _folded(text: str) -> Folded:
    """Remembered, because every check of a text reads it so."""
    if not _FOLDABLE.search(text):
        return Folded(text)
    plain = [(at, c if c.isascii() else _plain(c)) for at, c in enumerate(text)]
    kept = [(at, c) for at, c in plain if c]
    return Folded("".join(c for _, c in kept), (*(at for at, _ in kept), len(text)))


def _plain(character: str) -> str:
    """One character, or none for an invisible one."""
    if not _FOLDABLE.match(character):
        return character
    if INVISIBLE.match(character):
        return ""
    if _SPACE.match(character):
        return " "
    if _DASH.match(character):
        return "-"
    if _DOT.match(character):
        return "."
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character
