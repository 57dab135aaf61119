"""Selects words that are frequent in toxic texts and rare in harmless ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genai.safety.toxicity import words_of
from genai.safety.training.examples import LabelledText

FEWEST = 2
_TIMES_MORE = 8.0
_RARE = 0.0005
"""The share of harmless texts that may have a trigger word."""


def trigger_words(
    examples: Sequence[LabelledText], provoking: Iterable[str] = ()
) -> NDArray[np.uint32]:
    """The sorted checksums of the words. Harmless texts of ``provoking`` sources do not count: they have
    such words on purpose.
    """
    skipped = frozenset(provoking)
    toxic = [e for e in examples if e.attack]
    harmless = [e for e in examples if not e.attack and e.source not in skipped]
    in_toxic, in_harmless = _counts(toxic), _counts(harmless)
    selected = [
        word
        for word, count in in_toxic.items()
        if count >= FEWEST
        and in_harmless[word] <= _RARE * len(harmless)
        and count / len(toxic) >= _TIMES_MORE * (in_harmless[word] + 0.5) / len(harmless)
    ]
    return np.array(sorted(map(checksum, selected)), dtype=np.uint32)


def _counts(examples: Iterable[LabelledText]) -> Counter[str]:
    return Counter(word for example in examples for word in set(words_of(example.text.lower())))


def checksum(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))
