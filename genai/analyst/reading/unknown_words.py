"""Words that did not occur in the model's training: typos, and words that it cannot know.

A model ignores such words, and *frozn accounts* would become all accounts.
"""

import re
from collections.abc import Callable, Collection
from typing import Final

from genai.analyst.reading.normalise import LONG, slips

WORD: Final = re.compile(r"(?<![\w'-])[a-z]{5,}(?![\w'])")
"""What is written large may be a name, and a short word one of too many others."""

STATES: Final = frozenset({"are", "is", "were", "was", "been", "being", "called"})
"""What stands behind them is a condition, as in *are frozen*."""

Knows = Callable[[str], bool]


def respelt(question: str, knows: Knows, meant: Collection[str]) -> str:
    """With the word that is meant in place of a slip, where there is only one such word."""
    return WORD.sub(lambda match: _respelt(match[0], knows, meant), question)


TOO_MANY: Final = 2
ASKED: Final = re.compile(r"\b(?:how (?:many|much)|which|what|number of)\b", re.IGNORECASE)
"""What stands before may be chat."""


def strange(question: str, knows: Knows) -> bool:
    """Whether a word that nobody taught is a condition: *instant transfers*, *are instant*.

    Of several such words it is not asked what they are.
    """
    asked = ASKED.search(question)
    told = WORD.findall(question, asked.start() if asked else 0)
    if sum(not knows(word) for word in told) >= TOO_MANY:
        return True
    words = re.findall(r"[\w'-]+", question)
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    return any(
        WORD.fullmatch(word) and not knows(word) and (before in STATES or _is_plural(after))
        for before, word, after in around
    )


def _is_plural(word: str) -> bool:
    return re.fullmatch(r"[a-z]{3,}s", word) is not None


def _respelt(word: str, knows: Knows, meant: Collection[str]) -> str:
    """Of words that are equally near none is meant."""
    if knows(word) or word in meant:
        return word
    most = 2 if len(word) >= LONG else 1
    near = sorted(
        (count, other)
        for other in meant
        if other[0] == word[0] and (count := slips(word, other)) <= most
    )
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):
        return word
    return near[0][1]
