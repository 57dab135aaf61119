"""Questions that lean on the one before, as the model has learnt them: both, each on its line."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from genai.analyst.vocabulary import either
from genai.llms.nearest_example import asked_in
from genai.messages import Message

POINTS_BACK: Final = re.compile(r"\b(?:those|these|them|ones|they|their)\b", re.IGNORECASE)
BEGINS: Final = re.compile(
    r"^(?:(?:ok(?:ay)?|so|now)[, ]+)?(?:and|but|what about|how about|only|just|same|the same"
    r"|now|then|by|per|which ones"
    r"|who exactly|split|break|group|how many (?:are|were|have|of)|in|for)\b",
    re.IGNORECASE,
)
LINE: Final = "\n"


class Leaning:
    """``nouns`` are what a question of its own is about, as expressions."""

    def __init__(self, nouns: Iterable[str]) -> None:
        self._noun = re.compile(rf"\b(?:{either(nouns)})\b", re.IGNORECASE)

    def has_noun(self, question: str) -> bool:
        """Whether it says of what it asks."""
        return self._noun.search(question) is not None

    def leans(self, question: str) -> bool:
        """Whether it means something else, or nothing, without the question before."""
        return POINTS_BACK.search(question) is not None or (
            BEGINS.match(question) is not None and not self.has_noun(question)
        )

    def leaning_on(self, messages: Sequence[Message], question: str) -> str | None:
        """What the last question leans on; empty where that leans itself. None if on nothing."""
        asked = asked_in(messages)
        if len(asked) < 2 or question != asked[-1] or not self.leans(question):
            return None
        return "" if self.leans(asked[-2]) else asked[-2]


def joined(before: str, question: str) -> str:
    return f"{before}{LINE}{question}"
