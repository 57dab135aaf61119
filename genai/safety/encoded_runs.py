"""Decodes runs of base64, base32, hexadecimal and character codes within a text.

    The key is QUtJQUlPU0ZPRE5ON0VYQU1QTEU= ──▶ AKIAIOSFODNN7EXAMPLE, with the place of each letter

A stream may have released the beginning of a run, so every alignment is tried. Only readable parts count.
"""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

Span = tuple[int, int]

_LONGEST = 900
"""Characters at the end of a text that are held back while they could go on as a run."""

_READABLE = re.compile(rb"[\t\r\n\x20-\x7e]{10,}")
_WIDE = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){10,}")
"""The same in UTF-16."""

_WRAP = r"[ \t]{0,4}\r?\n[ \t>]{0,8}"
_BASE64 = re.compile(
    rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{14,}}+(?:{_WRAP}[A-Za-z0-9+/_-]{{4,}}+)*+"
    rf"(?:{_WRAP}[A-Za-z0-9+/_-]{{1,3}}(?==))?={{0,2}}"
)
_BASE64_OPEN = re.compile(
    rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{14,}}+(?:{_WRAP}[A-Za-z0-9+/_-]{{4,}}+)*+"
    r"(?:[ \t]{0,4}(?:\r?\n?[ \t>]{0,8}[A-Za-z0-9+/_-]{0,3})={0,2})\Z"
)
_BASE32 = re.compile(r"(?<![A-Z2-7])[A-Z2-7]{24,}+(?![A-Za-z0189+/_-])")
_PAIR = r"(?:0x|\\x|x)?[0-9A-Fa-f]{2}"
_GAP = r"[\s,:;|.-]{0,2}"
_HEX = re.compile(rf"(?<![0-9A-Za-z]){_PAIR}(?:{_GAP}{_PAIR}){{9,}}+")
_HEX_DIGITS = re.compile(r"(?:0x|\\x|x)?([0-9A-Fa-f]{2})")
_CODE_GAP = r"(?:[^\w\x02]|chr|char|fromCharCode|ord){1,8}"
_BYTE = r"(?:1[01]\d|12[0-6]|[3-9]\d)(?!\d)"
_CODES = re.compile(rf"(?<![0-9A-Za-z.]){_BYTE}(?:{_CODE_GAP}{_BYTE}){{9,}}+")
_CODE = re.compile(r"\d{2,3}")
_OCTAL = re.compile(
    rf"(?<![0-9A-Za-z])\\?(?:0[4-7]|1[0-7])[0-7](?:{_GAP}\\?(?:0[4-7]|1[0-7])[0-7]){{9,}}+"
)
_OCTAL_DIGITS = re.compile(r"[01][0-7]{2}")
_BITS = re.compile(rf"(?<![0-9A-Za-z])0[01]{{7}}(?:{_GAP}0[01]{{7}}){{9,}}+")
_BIT = re.compile(r"[01]{8}")
_OPEN = re.compile(
    rf"(?<![0-9A-Za-z])(?:{_PAIR}(?:{_GAP}{_PAIR})*+{_GAP}(?:[0-9A-Fa-f]|0?x|\\x?|0)?"
    rf"|{_BYTE}(?:{_CODE_GAP}{_BYTE})*+(?:{_CODE_GAP})?\d{{0,2}}"
    rf"|\\?(?:0[4-7]|1[0-7])[0-7](?:{_GAP}\\?(?:0[4-7]|1[0-7])[0-7])*+{_GAP}\\?[01]?[0-7]?"
    rf"|0[01]{{7}}(?:{_GAP}0[01]{{7}})*+{_GAP}[01]{{0,7}})\Z"
)


class Decoded(NamedTuple):
    """A readable text; ``place`` gives the span in the original text of each of its characters."""

    text: str
    place: Callable[[int], Span]

    def span(self, start: int, end: int) -> Span:
        (first, last), (other, after) = self.place(start), self.place(end - 1)
        return min(first, other), max(last, after)

    @property
    def backwards(self) -> "Decoded":
        last = len(self.text) - 1
        return Decoded(self.text[::-1], lambda at: self.place(last - at))


def decoded(text: str) -> Iterator[Decoded]:
    for match in _BASE64.finditer(text):
        for end in {match.end(), _last_line(text, *match.span())}:
            coded = [at for at in range(match.start(), end) if text[at] not in " \t\r\n>="]
            yield from _aligned(text, coded, _BASE_64)
            yield from _aligned(text, coded[::-1], _BASE_64)
    for match in _BASE32.finditer(text):
        yield from _aligned(text, range(*match.span()), _BASE_32)
    for match in _HEX.finditer(text):
        yield from _units(_HEX_DIGITS, text, match.span(), 16)
        if match[0].isalnum():
            yield from _units(_HEX_DIGITS, text, (match.start() + 1, match.end()), 16)
    for match in _CODES.finditer(text):
        yield from _units(_CODE, text, match.span(), 10)
    for match in _OCTAL.finditer(text):
        yield from _units(_OCTAL_DIGITS, text, match.span(), 8)
    for match in _BITS.finditer(text):
        yield from _units(_BIT, text, match.span(), 2)


def undecided_from(text: str) -> int:
    """The start of the run that could go on after the end of the text."""
    floor = max(0, len(text) - _LONGEST)
    undecided = len(text)
    for pattern in (_BASE64_OPEN, _OPEN):
        if begun := pattern.search(text, floor):
            undecided = min(undecided, begun.start())
    return undecided


def _last_line(text: str, start: int, end: int) -> int:
    """The end of the run without its last line, which may be a word that only follows it."""
    before = text.rfind("\n", start, end)
    return end if before < 0 else before


def _from_base64(coded: str) -> bytes:
    return base64.b64decode(coded.translate({ord("-"): "+", ord("_"): "/"}))


class _Base(NamedTuple):
    """Letters of ``bits`` bits; ``size`` of them make whole bytes."""

    bits: int
    size: int
    decode: Callable[[str], bytes]


_BASE_64 = _Base(6, 4, _from_base64)
_BASE_32 = _Base(5, 8, base64.b32decode)


def _aligned(text: str, coded: Sequence[int], base: _Base) -> Iterator[Decoded]:
    """The readable texts of the letters at these positions, from each that could begin a group."""
    for first in range(base.size):
        own = coded[first:]
        letters = "".join(text[at] for at in own)
        raw = base.decode(letters + "A" * (-len(letters) % base.size))
        count = len(own) * base.bits // 8
        yield from _readable(raw[:count], partial(_of_byte, own, base.bits))


def _of_byte(coded: Sequence[int], bits: int, byte: int) -> Span:
    start, end = sorted((coded[8 * byte // bits], coded[(8 * byte + 7) // bits]))
    return start, end + 1


def _units(unit: re.Pattern[str], text: str, span: tuple[int, int], base: int) -> Iterator[Decoded]:
    units = list(unit.finditer(text, *span))
    raw = bytes(int(u[u.lastindex or 0], base) for u in units)
    yield from _readable(raw, lambda byte: units[byte].span())


def _readable(raw: bytes, place: Callable[[int], Span]) -> Iterator[Decoded]:
    for match in _READABLE.finditer(raw):
        yield Decoded(match[0].decode("ascii"), partial(_placed, place, match.start(), 1))
    for match in _WIDE.finditer(raw):
        yield Decoded(match[0][::2].decode("ascii"), partial(_placed, place, match.start(), 2))


def _placed(place: Callable[[int], Span], first: int, size: int, at: int) -> Span:
    return place(first + size * at)
