"""Similarity of single words: *used* and *second-hand*, *fee* and *charge*.

The vectors were precomputed with the embedding model (`jobs.make_word_vectors`), so that comparing words
does not call it. A word that is not in the table is similar only to itself.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

VECTORS = Path(__file__).with_name("word_vectors.npz")
"""``words`` (one per line, as bytes) and ``vectors`` (int8, in 127ths)."""

Matrix = np.ndarray
"""The vectors of some words, one a row."""


class WordVectors:
    """A table of lower-case words and their vectors."""

    def __init__(self, words: Sequence[str], vectors: np.ndarray) -> None:
        self._index = {word: number for number, word in enumerate(words)}
        self._vectors = vectors

    def __contains__(self, word: str) -> bool:
        return word in self._index

    def of(self, words: Iterable[str]) -> Matrix:
        """The vectors of those words that the table has."""
        known = [self._index[word] for word in words if word in self._index]
        return self._vectors[known].astype(np.float32) / 127

    def likeness(self, word: str, others: Matrix) -> float:
        """The cosine similarity to the most similar of ``others``, at least 0; 1 for equal words."""
        number = self._index.get(word)
        if number is None or not len(others):
            return 0.0
        own = self._vectors[number].astype(np.float32) / 127
        return max(0.0, float((others @ own).max()))

    def likenesses(self, words: Sequence[str], others: Matrix) -> list[float]:
        """`likeness` of each word."""
        known = [number for number, word in enumerate(words) if word in self._index]
        found = [0.0] * len(words)
        if known and len(others):
            best = (self.of([words[number] for number in known]) @ others.T).max(axis=1)
            for number, value in zip(known, best.tolist(), strict=True):
                found[number] = max(0.0, value)
        return found


def save_word_vectors(path: Path, words: Sequence[str], vectors: np.ndarray) -> None:
    """Vectors of unit length, one for each word."""
    listed = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
    np.savez_compressed(path, words=listed, vectors=np.round(vectors * 127).astype(np.int8))


@lru_cache(maxsize=1)
def load_word_vectors(path: Path = VECTORS) -> WordVectors:
    with np.load(path) as table:
        words = table["words"].tobytes().decode().split("\n")
        return WordVectors(words, table["vectors"])


def condensed(vectors: np.ndarray, dimensions: int) -> np.ndarray:
    """The vectors, centred and reduced to their principal components."""
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    fewer: np.ndarray = centred @ directions[:dimensions].T
    fewer /= np.linalg.norm(fewer, axis=1, keepdims=True)
    return fewer
