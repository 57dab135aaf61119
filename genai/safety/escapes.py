"""Decodes the character escapes of JSON, Python, HTML and forms.

Escapes can hide any text in a JSON schema, in arguments or in a page: ``\\u0034111`` decodes to 4111, and
``4111\\n1111`` contains a line break.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5

_BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrt\"'/]))")
_NAMED = {"n": "\n", "r": "\n", "t": " "}

_HEX = "[0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"\\{{1,8}}(?:u(?P<high>[dD][89abAB]{_HEX}{{2}})\\{{1,8}}u(?P<low>[dD][c-fC-F]{_HEX}{{2}})"
    rf"|u(?P<unit>{_HEX}{{4}})|u\{{(?P<point>{_HEX}{{1,6}})\}}|x(?P<byte>{_HEX}{{2}})"
    r"|(?P<letter>[nrtbf])|(?P<sign>[^\w\s\\]))"
    rf"|&(?:#(?P<decimal>\d{{1,7}});?|#[xX](?P<hex>{_HEX}{{1,6}});?|(?P<entity>[A-Za-z]{{2,31}};))"
    rf"|%(?P<percent>[2-7]{_HEX}|0[9aAdD])"
)
_UNFINISHED = re.compile(
    rf"\\{{1,8}}(?:u{_HEX}{{0,3}}|u\{{{_HEX}{{0,6}}|x{_HEX}?"
    rf"|u[dD][89abAB]{_HEX}{{2}}(?:\\{{1,8}}(?:u{_HEX}{{0,3}})?)?)?\Z"
    rf"|&(?:#(?:\d{{0,7}}|[xX]{_HEX}{{0,6}})|[A-Za-z]{{0,31}})\Z|%[0-7]?\Z"
)
_LONGEST = 40
_SIGNS = ("\\", "&", "%")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": "\n"}


def without_escapes(text: str) -> str:
    """The decoded text; it may be shorter."""
    if "\\" in text:
        text = _BACKSLASH.sub(_character, text)
    if "&" in text and ";" in text:
        text = unescape(text)
    return text


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return _NAMED.get(match[2], match[2])


def may_have_escapes(text: str) -> bool:
    return any(sign in text for sign in _SIGNS)


def unfinished_from(text: str) -> int:
    """The start of an incomplete escape at the end; else the length of the text."""
    begun = _UNFINISHED.search(text, max(0, len(text) - _LONGEST))
    return begun.start() if begun else len(text)


def escapes_in(text: str) -> Iterator[tuple[int, int, str]]:
    """The span of each escape, and the character that it encodes."""
    for match in _ESCAPE.finditer(text):
        if character := _meant(match):
            yield match.start(), match.end(), character


def _meant(match: re.Match[str]) -> str:
    """Empty if it encodes no character."""
    written = match[match.lastgroup or 0]
    match match.lastgroup:
        case "low":
            return chr(0x10000 + (int(match["high"], 16) % 0x400 << 10) + int(written, 16) % 0x400)
        case "letter":
            return _LETTERS[written]
        case "sign":
            return written
        case "entity":
            named = html5.get(written, "")
            return named if len(named) == 1 else ""
        case kind:
            code = int(written, 10 if kind == "decimal" else 16)
            return chr(code) if code < 0x110000 else ""
