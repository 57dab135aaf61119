"""Splits a text into units that may be one order: sentences or fields, and pairs of adjacent ones."""

import re
from itertools import pairwise

from genai.safety.unspaced import extent

_CUT = re.compile(
    r"(?<=[.!?])[\"')\]]{0,2}\s+|(?<=[\u3002\uff01\uff1f])|\n+|(?<!\w)[\"'](?=\w)|[\"'](?!\w)[,:\]}]{0,3}\s*"
    r"|\"[,:\]}]{0,3}\s*|<!--|-->|<(?!!)(?![^<>]{0,80}(?:\b[^\W\d_]{1,20} ){3})[^<>]{0,80}>|\s\|\s|\\n"
)
_WORD = re.compile(r"\w+")
JOINT = " \n "
"""Separates the two sentences of a pair."""

_FEWEST = 4
_CHARACTERS = 12


def units(text: str) -> list[str]:
    """The units of a text that have at least a few words."""
    parts = [part for part in map(str.strip, _CUT.split(text)) if part]
    pairs = [one + JOINT + other for one, other in pairwise(parts)]
    return [part for part in (*parts, *pairs) if _is_enough(part)]


def _is_enough(part: str) -> bool:
    if part.isascii():
        return len(_WORD.findall(part)) >= _FEWEST
    return extent(part) >= _CHARACTERS
