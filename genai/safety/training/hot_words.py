"""The words that hardly any harmless text has, and texts to be found do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genai.safety.toxicity import spoken
from genai.safety.training.examples import Example

TWICE = 2
_TIMES_MORE = 8.0
_RARE = 0.0005
"""The share of harmless texts that may have a hot word."""


def hot_words(examples: Sequence[Example], provoking: Iterable[str] = ()) -> NDArray[np.uint32]:
    """Their checksums, sorted. Sources that are ``provoking`` use such words on purpose."""
    skipped = frozenset(provoking)
    found = [e for e in examples if e.attack]
    calm = [e for e in examples if not e.attack and e.source not in skipped]
    said, heard = _counts(found), _counts(calm)
    hot = [
        word
        for word, count in said.items()
        if count >= TWICE
        and heard[word] <= _RARE * len(calm)
        and count / len(found) >= _TIMES_MORE * (heard[word] + 0.5) / len(calm)
    ]
    return np.array(sorted(map(checksum, hot)), dtype=np.uint32)


def _counts(examples: Iterable[Example]) -> Counter[str]:
    return Counter(word for example in examples for word in set(spoken(example.text.lower())))


def checksum(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))
