"""Finds the words of a text. For ASCII it needs no regular expression, which takes a third of the time."""

import re
from collections.abc import Callable


def word_finder(word: re.Pattern[str]) -> Callable[[str], list[str]]:
    """Like ``word.findall``, for a pattern of a run of one class of characters."""
    between = {code: " " for code in range(128) if not word.match(chr(code))}

    def words(text: str) -> list[str]:
        return text.translate(between).split() if text.isascii() else word.findall(text)

    return words
