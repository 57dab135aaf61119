"""Tokenizes a text into words and numbers, with their possible meanings."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from genai.safety.escapes import escapes_in
from genai.safety.retelling import numerals

LONGEST = 600
"""Longer words are processed in parts."""

WORD = re.compile(
    rf"(?<=\\)[nrtbf]|(?:\\u[0-9A-Fa-f]{{4}}|\\x[0-9A-Fa-f]{{2}}|[^\W_]){{1,{LONGEST}}}"
)
"""Letters may be escaped; an escaped line break is not part of a word."""

_BYTE = re.compile(r"0x([0-9a-f]{2})")


class Word(NamedTuple):
    """``exact`` and ``small`` have the length of the text, or are empty for several words together;
    ``digits`` is its number, if written differently.
    """

    start: int
    end: int
    exact: str
    small: str
    plain: str
    digits: str = ""

    def adjoins(self, start: int) -> bool:
        """Whether at most one sign separates it from the position."""
        return start - self.end <= 1


def word_of(match: re.Match[str], before: Word | None) -> Word:
    """``before`` is the previous word, such as *double*."""
    exact = match[0] if match[0].isascii() else "".join(map(_one, match[0]))
    small = exact.lower() if exact.isascii() else "".join(map(_small, exact))
    meant = _meant(match[0]) if "\\" in exact else small
    plain = numerals.plain(meant)
    digits = numerals.WORDS.get(plain, "")
    if byte := _BYTE.fullmatch(plain):
        digits = byte[1]
    elif meant != small:
        digits = digits or meant
    if before is not None and before.plain in numerals.TIMES and before.adjoins(match.start()):
        digits = (digits or small[:1]) * numerals.TIMES[before.plain]
    return Word(*match.span(), exact, small, plain, digits)


def _meant(written: str) -> str:
    parts: list[str] = []
    position = 0
    for start, end, character in escapes_in(written):
        parts += (written[position:start], character)
        position = end
    return "".join([*parts, written[position:]]).lower()


def phrase_of(words: Sequence[Word]) -> tuple[int, Word] | None:
    """The number expressed by the last of these words, and the index of its first word."""
    if words[-1].plain not in numerals.ENDS:
        return None
    for begin in range(max(0, len(words) - numerals.LONGEST), len(words) - 1):
        said = words[begin:]
        digits = numerals.PHRASES.get(tuple(word.plain for word in said), "")
        if digits and _together(said):
            return begin, Word(said[0].start, said[-1].end, "", "", "", digits)
    return None


def phrase_from(words: Sequence[Word], end: int) -> int | None:
    """The start of a number in words that may continue after the end of the text."""
    for begin in range(max(0, len(words) - numerals.LONGEST + 1), len(words)):
        said = words[begin:]
        begun = tuple(word.plain for word in said) in numerals.BEGUN
        if begun and _together(said) and said[-1].adjoins(end):
            return said[0].start
    return None


def _together(words: Sequence[Word]) -> bool:
    return all(one.adjoins(other.start) for one, other in pairwise(words))


def _one(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character


def _small(character: str) -> str:
    small = character.lower()
    return small if len(small) == 1 else character
