"""Questions that lean on the one before, as the model has learnt them: both, each on its line."""

import re
from collections.abc import Sequence
from typing import Final

from genai.llms.nearest_example import asked_in
from genai.messages import Message

POINTS_BACK: Final = re.compile(r"\b(?:those|these|them|ones|they|their)\b", re.IGNORECASE)
BEGINS: Final = re.compile(
    r"^(?:(?:ok(?:ay)?|so|now)[, ]+)?(?:and|but|what about|how about|only|just|same|the same"
    r"|now|then|by|per|which ones"
    r"|who exactly|split|break|group|how many (?:are|were|have|of)|in|for)\b",
    re.IGNORECASE,
)
NOUN: Final = re.compile(
    r"\b(?:customers?|clients?|people|accounts?|cards?|loans?|mortgages?|disputes?|chargebacks?|transactions?"
    r"|payments?|bookings?|branch(?:es)?|balances?|spen[dt]\w*)\b",
    re.IGNORECASE,
)
LINE: Final = "\n"


def leans(question: str) -> bool:
    """Whether it means something else, or nothing, without the question before."""
    return POINTS_BACK.search(question) is not None or (
        BEGINS.match(question) is not None and NOUN.search(question) is None
    )


def leaning_on(messages: Sequence[Message], question: str) -> str | None:
    """What the last question leans on; the empty text where that leans itself. None if on nothing."""
    asked = asked_in(messages)
    if len(asked) < 2 or question != asked[-1] or not leans(question):
        return None
    return "" if leans(asked[-2]) else asked[-2]


def joined(before: str, question: str) -> str:
    return f"{before}{LINE}{question}"
