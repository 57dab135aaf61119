"""Languages without spaces between words, or before endings: a letter carries as much as three elsewhere."""

import re

UNSPACED = "\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
"""Their letters, as a class of a pattern has them."""

_LETTER = re.compile(f"[{UNSPACED}]")


def extent(text: str) -> int:
    """The length of the text, as if all languages were written with spaces."""
    return len(text) if text.isascii() else len(text) + 2 * len(_LETTER.findall(text))
