"""Spelling correction: reads an unknown word of a question as a similar word of the documents.

*statemnt* becomes *statement* if the passages contain that word. Known words, names and numbers are never
changed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from genai.messages import Passage
from genai.rag.chunking import findable
from genai.rag.word_vectors import WordVectors
from genai.rag.words import STOP_WORDS, content_words, stem

_WORD = re.compile(r"(?<![\w@.'\u2019/-])[^\W\d_]{5,24}(?![\w@'\u2019/-]|\.\w)")
_ONE_WORD = re.compile(r"[^\W\d_]{4,}")

_LONG = 8
"""Letters, from which on two slips are forgiven."""

_SENTENCE_ENDS = re.compile(r"(?:^|[.!?:])\s*$")


def respelt(question: str, passages: Sequence[Passage], words: WordVectors) -> str:
    """The question with its misspelt words as the passages write them; itself where all are known."""
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
    """The word fewest slips away, of those the one in most passages; empty without any."""
    texts = [findable(passage) for passage in passages]
    if word in STOP_WORDS or any(stem(word) in content_words(text) for text in texts):
        return ""
    slips = 2 if len(word) >= _LONG else 1
    counted = Counter(other for text in texts for other in _like(word, _words(text), slips))
    near = ((_slips(word, other), -count, other) for other, count in counted.items())
    return min((one for one in near if one[0] <= slips), default=(0, 0, ""))[2]


def _like(word: str, others: Iterable[str], slips: int) -> Iterable[str]:
    """Those that may be so near: who slips seldom does at the first letter."""
    letters = set(word)
    return (
        other
        for other in others
        if other[0] == word[0]
        and abs(len(other) - len(word)) <= slips
        and len(letters.symmetric_difference(other)) <= 2 * slips
    )


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(map(str.lower, _ONE_WORD.findall(text)))


def _slips(word: str, other: str) -> int:
    """How many letters were inserted, left out, replaced, or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        above, row, older = row, [i], before
        for j, wanted in enumerate(other, start=1):
            least = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                least = min(least, older[j - 2] + 1)
            row.append(least)
        before = above
    return row[-1]
