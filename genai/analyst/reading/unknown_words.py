"""Words that did not occur in the model's training: typos, and words that it cannot know.

A model ignores such words, and *frozn accounts* would become all accounts.
"""

import re
from collections.abc import Callable, Collection
from typing import Final

from genai.analyst.reading.determiners import DETERMINERS
from genai.analyst.reading.normalise import LONG
from genai.edit_distance import edit_distance

WORD: Final = re.compile(r"(?<![\w'-])[a-z]{5,}(?![\w'])")
"""Capitalised words may be names; short words resemble too many others."""

STATES: Final = frozenset({"are", "is", "were", "was", "been", "being", "called"})
"""Words before a condition, as in *are frozen*."""

BEFORE_MODIFIERS: Final = DETERMINERS | {"each", "every", "any"}

FUNCTION_WORDS: Final = frozenset(
    {
        *("of", "in", "on", "at", "by", "for", "from", "to", "with", "within", "without", "per"),
        *(
            "and",
            "or",
            "but",
            "than",
            "as",
            "since",
            "until",
            "during",
            "between",
            "among",
            "across",
        ),
        *("who", "whose", "which", "that", "where", "when", "is", "are", "was", "were", "has"),
        *("have", "had", "do", "does", "did", "can", "could", "will", "would", "we", "you", "they"),
    }
)
"""Words that end a noun phrase."""

Knows = Callable[[str], bool]


def corrected_spelling(question: str, knows: Knows, meant: Collection[str]) -> str:
    """Corrects typos that have a single nearest word."""
    return WORD.sub(lambda match: _corrected(match[0], knows, meant), question)


TOO_MANY: Final = 2
ASKED: Final = re.compile(r"\b(?:how (?:many|much)|which|what|number of)\b", re.IGNORECASE)
"""The text before it may be chat."""


def has_unknown_condition(question: str, knows: Knows) -> bool:
    """Whether an unknown word is used as a condition: *instant transfers*, *are instant*, *the vintrel
    membership*.

    Also true for several unknown words in any position.
    """
    asked = ASKED.search(question)
    told = WORD.findall(question, asked.start() if asked else 0)
    if sum(not knows(word) for word in told) >= TOO_MANY:
        return True
    words = re.findall(r"[\w'-]+", question)
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    return any(
        WORD.fullmatch(word) and not knows(word) and _is_condition(before, after)
        for before, word, after in around
    )


def _is_condition(before: str, after: str) -> bool:
    modifier = (
        before.lower() in BEFORE_MODIFIERS and after.isalpha() and after not in FUNCTION_WORDS
    )
    return before in STATES or modifier or _is_plural(after)


def _is_plural(word: str) -> bool:
    return re.fullmatch(r"[a-z]{3,}s", word) is not None


def _corrected(word: str, knows: Knows, meant: Collection[str]) -> str:
    """Corrects nothing if several words are equally near."""
    if knows(word) or word in meant:
        return word
    most = 2 if len(word) >= LONG else 1
    near = sorted(
        (count, other)
        for other in meant
        if other[0] == word[0] and (count := edit_distance(word, other)) <= most
    )
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):
        return word
    return near[0][1]
