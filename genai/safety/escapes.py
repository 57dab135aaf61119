"""Reads what JSON, Python and HTML write in place of a character as that character."""

import re
from html import unescape

_BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrt\"'/]))")
_NAMED = {"n": "\n", "r": "\n", "t": " "}


def without_escapes(text: str) -> str:
    """The text as who wrote it meant it; it may be shorter."""
    if "\\" in text:
        text = _BACKSLASH.sub(_character, text)
    if "&" in text and ";" in text:
        text = unescape(text)
    return text


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return _NAMED.get(match[2], match[2])
