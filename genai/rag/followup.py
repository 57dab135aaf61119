"""Makes a question that leans on the one before it stand alone."""

import re
from collections.abc import Sequence

from genai.messages import Message, Turn
from genai.rag.words import content_words

_LEANS = re.compile(
    r"^\W*(and|but|or|so|then|also|what about|how about|what if|why|ok|same)\b"
    r"|\b(it|its|that|this|they|them|their|those|these|he|she|one|ones|there|same|else)\b",
    re.IGNORECASE,
)

_ALONE = 4
"""A question with so many words of meaning says itself what it is about."""


def standalone(question: str, history: Sequence[Turn | Message]) -> str:
    """The question, with the user's previous one before it when it leans on that."""
    previous = next((turn.content for turn in reversed(history) if turn.role == "user"), "")
    words = len(content_words(question))
    leans = words < _ALONE and (words < 2 or bool(_LEANS.search(question)))
    return f"{previous} {question}" if previous and leans else question
