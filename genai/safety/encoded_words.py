"""Finds words that are Base64 or hexadecimal for a text: "NDExMTExMTExMTExMTExMQ" is a card number.

A word counts if all of it is readable. `encoded_runs` searches parts of runs, at any alignment.
"""

import base64
import re
from collections.abc import Iterator

_WORD = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+]{16,320}(?![A-Za-z0-9+/_-])")
_HEX = re.compile(r"(?:[2-7][0-9a-fA-F])+")
_PRINTABLE = re.compile(rb"[\t\n\r\x20-\x7e]+")


def decoded_words(text: str) -> Iterator[tuple[int, int, str]]:
    """The span of each word and the text that it encodes. Words that encode other data are left out."""
    for word in _WORD.finditer(text):
        if decoded := _decoded(word[0]):
            yield *word.span(), decoded


def _decoded(word: str) -> str:
    if _HEX.fullmatch(word):
        return bytes.fromhex(word).decode("ascii", "ignore")
    if word.isdigit() or len(word) % 4 == 1:
        return ""
    data = base64.b64decode(word + "=" * (-len(word) % 4))
    return data.decode("ascii") if _PRINTABLE.fullmatch(data) else ""
