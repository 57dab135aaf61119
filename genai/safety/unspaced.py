"""Languages without spaces between words or endings, where one letter carries as much as three elsewhere."""

import re

UNSPACED = "\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
"""Their letters, as a character class."""

_LETTER = re.compile(f"[{UNSPACED}]")


def extent(text: str) -> int:
    """The length of the text, scaled as if the language had spaces."""
    return len(text) if text.isascii() else len(text) + 2 * len(_LETTER.findall(text))
