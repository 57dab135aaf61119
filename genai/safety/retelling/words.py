"""The words and numbers of a text, one by one, and what each may stand for."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from genai.safety.escapes import escapes_in
from genai.safety.retelling import numerals

LONGEST = 600
"""What is longer is read in parts."""

WORD = re.compile(
    rf"(?<=\\)[nrtbf]|(?:\\u[0-9A-Fa-f]{{4}}|\\x[0-9A-Fa-f]{{2}}|[^\W_]){{1,{LONGEST}}}"
)
"""Letters may be escaped; what stands for a line break or the like is no part of a word."""

_BYTE = re.compile(r"0x([0-9a-f]{2})")


class Word(NamedTuple):
    """``exact`` and ``small`` are as long as what stands there, or empty for several words together;
    ``digits`` is what it says, if it is not written so.
    """

    start: int
    end: int
    exact: str
    small: str
    plain: str
    digits: str = ""

    def adjoins(self, start: int) -> bool:
        """Whether nothing but one sign is between it and what begins there."""
        return start - self.end <= 1


def word_of(match: re.Match[str], before: Word | None) -> Word:
    """``before`` is the word before it, which may say that it counts twice."""
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
    """The number that the last of these words say together, and at which of them it begins."""
    if words[-1].plain not in numerals.ENDS:
        return None
    for begin in range(max(0, len(words) - numerals.LONGEST), len(words) - 1):
        said = words[begin:]
        digits = numerals.PHRASES.get(tuple(word.plain for word in said), "")
        if digits and _together(said):
            return begin, Word(said[0].start, said[-1].end, "", "", "", digits)
    return None


def phrase_from(words: Sequence[Word], end: int) -> int | None:
    """Where a number of several words begins that may go on at the end of the text."""
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
