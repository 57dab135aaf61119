"""Spelling correction: reads an unknown word of a question as a similar word of the documents.

*statemnt* becomes *statement* if the passages contain that word. Known words, names and numbers are never
changed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from genai.edit_distance import edit_distance
from genai.language.words import STOP_WORDS, content_words, stem
from genai.messages import Passage
from genai.rag.passages.chunking import findable
from genai.rag.questions.word_vectors import WordVectors

_WORD = re.compile(r"(?<![\w@.'\u2019/-])[^\W\d_]{5,24}(?![\w@'\u2019/-]|\.\w)")
_ONE_WORD = re.compile(r"[^\W\d_]{4,}")

_LONG = 8
"""A word of this length may have two typos, a shorter one only one."""

_SENTENCE_ENDS = re.compile(r"(?:^|[.!?:])\s*$")


def corrected_spelling(question: str, passages: Sequence[Passage], words: WordVectors) -> str:
    """The question with its misspelt words as the passages write them."""
    found = question
    for match in reversed(list(_WORD.finditer(question))):
        if _unknown(question, match, words) and (meant := _meant(match[0].lower(), passages)):
            written = meant.capitalize() if match[0][0].isupper() else meant
            found = found[: match.start()] + written + found[match.end() :]
    return found


def _unknown(question: str, match: re.Match[str], words: WordVectors) -> bool:
    """Whether the word is neither English nor written as a name."""
    word = match[0]
    if not word[1:].islower():
        return False
    if word[0].isupper() and not _SENTENCE_ENDS.search(question, 0, match.start()):
        return False
    return not any(known in words for known in _forms(word.lower()))


def _forms(word: str) -> tuple[str, ...]:
    root = stem(word)
    return word, word.removesuffix("s"), root, f"{root}e"


def _meant(word: str, passages: Sequence[Passage]) -> str:
    """The nearest word, and of equally near ones the one in most passages; empty if none is near."""
    texts = [findable(passage) for passage in passages]
    if word in STOP_WORDS or any(stem(word) in content_words(text) for text in texts):
        return ""
    edits = 2 if len(word) >= _LONG else 1
    counted = Counter(other for text in texts for other in _like(word, _words(text), edits))
    near = ((edit_distance(word, other), -count, other) for other, count in counted.items())
    return min((one for one in near if one[0] <= edits), default=(0, 0, ""))[2]


def _like(word: str, others: Iterable[str], edits: int) -> Iterable[str]:
    """Candidates with the same first letter, which is rarely mistyped."""
    letters = set(word)
    return (
        other
        for other in others
        if other[0] == word[0]
        and abs(len(other) - len(word)) <= edits
        and len(letters.symmetric_difference(other)) <= 2 * edits
    )


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(map(str.lower, _ONE_WORD.findall(text)))
