"""Normalises characters to plain ones, and maps positions back to the original text.

    full-width 4111 ──▶ folded ──▶ 4111 ──▶ found at 0 to 4 ──▶ position in the original

ASCII text, and text without such characters, is not copied. Text with escapes has two readings, with and
without decoding; a finding in either counts.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from genai.safety.escapes import escapes_in, may_have_escapes, unfinished_from
from genai.safety.normalise import INVISIBLE

_LONGEST_CHARACTER = 16
"""Maximum characters that encode one: backslashes, a letter and digits, or invisible characters."""

_SPACES = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
_DASHES = "\u2010-\u2013\u2212\ufe63"
_LONG = "\u2014\u2015\ufe58"
"""Dashes that separate words, but join digits."""
_COMPATIBLE = "\uff01-\uff5e\ufe50-\ufe6b\U0001d400-\U0001d7ff"
_ENCLOSED = "\u2460-\u2468\u24ea\u24f5-\u24fd\u2776-\u277e\u2780-\u2788\u278a-\u2792\u24ff"
"""Single digits in circles."""
_KEYCAP = "\u20e3"
_FOLDABLE = re.compile(
    rf"{INVISIBLE.pattern}|[{_SPACES}{_DASHES}{_LONG}{_COMPATIBLE}{_ENCLOSED}{_KEYCAP}]|(?![0-9])\d|[\u2024\u2219\u00b7]"
)
_SPACE = re.compile(f"[{_SPACES}]")
_DASH = re.compile(f"[{_DASHES}]")
_DOT = re.compile("[\u2024\u2219\u00b7]")
_LONG_DASH = re.compile(rf"(?<![0-9])[{_LONG}]")
_LONG_DASHES = dict.fromkeys(map(ord, _LONG), "-")


@dataclass(frozen=True, slots=True)
class Folded:
    """A normalised text. ``starts`` has the original position of each character, and of the end.

    ``ends`` has their original ends, if not all were one character long.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text. ``end`` must be after ``start``."""
        if self.starts is None:
            return start, end
        last = self.starts[end - 1] + 1 if self.ends is None else self.ends[end - 1]
        return self.starts[start], last

    def position(self, index: int) -> int:
        return index if self.starts is None else self.starts[index]


def folded(text: str) -> Folded:
    """The text in plain digits, letters and signs, without invisible characters."""
    if text.isascii():
        return Folded(text)
    return _folded(text)


def readings(text: str, *, final: bool = True) -> tuple[Folded, ...]:
    """The folded text, and a second reading with escapes decoded, if there may be any.

    If the text is not ``final``, the second reading ends before an incomplete escape.
    """
    if not may_have_escapes(text):
        return (folded(text),)
    decoded = _decoded(text, final)
    return (folded(text),) if decoded is None else (folded(text), decoded)


def tail(text: str, length: int) -> str:
    """The shortest end of the text that folds to ``length`` characters, or the whole text.

    Each letter may be encoded by many characters.
    """
    near = text[-length - _LONGEST_CHARACTER :]
    if near.isascii() and not may_have_escapes(near):
        return text[-length:]
    long = text[-length * _LONGEST_CHARACTER :]
    read = readings(long)[-1]
    return long[read.position(max(0, len(read.text) - length)) :]


@lru_cache(maxsize=4)
def _folded(text: str) -> Folded:
    """Cached, because each check folds the same text."""
    if not _FOLDABLE.search(text):
        return Folded(text)
    return _kept([(at, at + 1, c) for at, c in enumerate(text)], len(text))


@lru_cache(maxsize=4)
def _decoded(text: str, final: bool) -> Folded | None:
    """None if the text has no escapes."""
    end = len(text) if final else unfinished_from(text)
    characters: list[tuple[int, int, str]] = []
    position = 0
    for start, after, character in escapes_in(text[:end]):
        characters += ((at, at + 1, text[at]) for at in range(position, start))
        characters.append((start, after, character))
        position = after
    if not characters and end == len(text):
        return None
    characters += ((at, at + 1, text[at]) for at in range(position, end))
    return _kept(characters, end)


def _kept(characters: Sequence[tuple[int, int, str]], end: int) -> Folded:
    plain = [(at, after, c if c.isascii() else _plain(c)) for at, after, c in characters]
    kept = [one for one in plain if one[2]]
    return Folded(
        _LONG_DASH.sub(" ", "".join(c for *_, c in kept)).translate(_LONG_DASHES),
        (*(at for at, *_ in kept), end),
        tuple(after for _, after, _ in kept),
    )


def _plain(character: str) -> str:
    """One character, or none for an invisible one."""
    if not _FOLDABLE.match(character):
        return character
    if INVISIBLE.match(character) or character == _KEYCAP:
        return ""
    if _SPACE.match(character):
        return " "
    if _DASH.match(character):
        return "-"
    if character in _LONG:
        return character
    if _DOT.match(character):
        return "."
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character
