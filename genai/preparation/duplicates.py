"""Removes duplicates: equal texts, and optionally near-duplicates (MinHash)."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from genai.training.samples import Sample, texts_of

_WORDS = re.compile(r"\w+")

HASHES, BANDS = 64, 16
_PRIME = np.uint64((1 << 61) - 1)
_RANDOM = np.random.default_rng(20_231)
_A = _RANDOM.integers(1, 1 << 31, HASHES, dtype=np.uint64)
_B = _RANDOM.integers(0, 1 << 31, HASHES, dtype=np.uint64)

Signature = npt.NDArray[np.uint64]


class Duplicates:
    """Keeps all samples that passed. ``near`` is the similarity from which two count as duplicates."""

    def __init__(self, near: float | None = None) -> None:
        self.dropped = 0
        self._near = near
        self._seen: set[bytes] = set()
        self._shingles: list[frozenset[int]] = []
        self._buckets: defaultdict[bytes, list[int]] = defaultdict(list)

    def without(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        for sample in samples:
            if self._known(sample):
                self.dropped += 1
            else:
                yield sample

    def _known(self, sample: Sample) -> bool:
        texts = [_WORDS.findall(text.lower()) for text in texts_of(sample)]
        exact = hashlib.sha256(repr((sample.kind, texts_of(sample))).encode()).digest()
        if exact in self._seen:
            return True
        self._seen.add(exact)
        return self._near is not None and self._alike([word for words in texts for word in words])

    def _alike(self, words: list[str]) -> bool:
        """Whether an earlier sample is a near-duplicate; if not, this one is stored."""
        shingles = frozenset(_number(words[i : i + 3]) for i in range(max(1, len(words) - 2)))
        bands = list(_bands(_signature(shingles)))
        candidates = {index for band in bands for index in self._buckets.get(band, ())}
        if any(_jaccard(shingles, self._shingles[i]) >= (self._near or 1) for i in candidates):
            return True
        for band in bands:
            self._buckets[band].append(len(self._shingles))
        self._shingles.append(shingles)
        return False


def _number(words: list[str]) -> int:
    digest = hashlib.blake2b(" ".join(words).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def _signature(shingles: frozenset[int]) -> Signature:
    """MinHash: the share of equal positions in two signatures estimates the Jaccard similarity."""
    values = np.fromiter(shingles, np.uint64, len(shingles))
    found: Signature = ((np.outer(_A, values) + _B[:, None]) % _PRIME).min(axis=1)
    return found


def _bands(signature: Signature) -> Iterator[bytes]:
    for index, band in enumerate(np.split(signature, BANDS)):
        yield bytes([index]) + band.tobytes()


def _jaccard(some: frozenset[int], other: frozenset[int]) -> float:
    return len(some & other) / len(some | other)
