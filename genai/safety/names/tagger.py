"""Tags names and places with a small convolutional network, in numpy only.

    words ──▶ hashed embeddings ──▶ three windows over the neighbours ──▶ a tag for each word

So the process that checks texts needs no deep learning library, which would take half a gigabyte. A text
of 1,000 characters takes one or two milliseconds.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genai.safety.names.tokens import Token, rows_of, tokens_of

Matrix = NDArray[np.float32]

WINDOWS = ((-2, -1, 0, 1, 2), (-1, 0, 1), (-3, 0, 3))
"""The neighbours that each layer sees."""

TAGS_AT_ONCE = 512
"""Words per batch, which bounds the memory."""

_OVERLAP = 8
"""Context of a word on each side: at least the reach of all windows together."""


CAUTION = 1.5
"""Margin, as a logit, by which a tag must beat "no name"."""


class Entity(NamedTuple):
    start: int
    end: int
    label: str


class TaggerWeights(NamedTuple):
    """``layers`` are pairs of matrix and bias: one per window, and the last for the tags."""

    table: Matrix
    layers: tuple[tuple[Matrix, Matrix], ...]
    tags: tuple[str, ...]


class Tagger:
    def __init__(self, weights: TaggerWeights, caution: float = CAUTION) -> None:
        self._weights = weights
        self._rows = len(weights.table)
        self._caution = np.array([caution * (tag == "O") for tag in weights.tags], np.float32)
        self._vector = lru_cache(maxsize=4_096)(self._embed)

    def find(self, text: str) -> list[Entity]:
        """Finds names and places, in order and without overlaps."""
        tokens = tokens_of(text)
        tags = [tag for part in _parts(len(tokens)) for tag in self._tag(tokens, *part)]
        return list(_entities(tokens, tags))

    def _tag(self, tokens: list[Token], start: int, end: int) -> list[str]:
        left, right = max(0, start - _OVERLAP), end + _OVERLAP
        scores = self._scores(np.stack([self._vector(token.text) for token in tokens[left:right]]))
        best = (scores[start - left : end - left] + self._caution).argmax(axis=1)
        return [self._weights.tags[index] for index in best.tolist()]

    def _embed(self, word: str) -> Matrix:
        vector: Matrix = self._weights.table[list(rows_of(word, self._rows))].sum(axis=0)
        return vector

    def _scores(self, words: Matrix) -> Matrix:
        *windowed, (matrix, bias) = self._weights.layers
        for offsets, (weights, shift) in zip(WINDOWS, windowed, strict=True):
            words = words + np.maximum(_neighbours(words, offsets) @ weights + shift, 0.0)
        scores: Matrix = words @ matrix + bias
        return scores


def load(path: Path) -> Tagger:
    with np.load(path, allow_pickle=False) as file:
        count = len(WINDOWS) + 1
        layers = tuple((_float(file[f"w{i}"]), _float(file[f"b{i}"])) for i in range(count))
        return Tagger(TaggerWeights(_float(file["table"]), layers, tuple(file["tags"].tolist())))


def save(path: Path, weights: TaggerWeights) -> None:
    """Stores half precision, which changes no relevant tag."""
    arrays: dict[str, Any] = {"table": weights.table, "tags": np.array(weights.tags)}
    for i, (matrix, bias) in enumerate(weights.layers):
        arrays |= {f"w{i}": matrix, f"b{i}": bias}
    halved = {n: a.astype(np.float16) if a.dtype == np.float32 else a for n, a in arrays.items()}
    np.savez_compressed(path, **halved)


def _float(array: NDArray[Any]) -> Matrix:
    return array.astype(np.float32)


def _neighbours(words: Matrix, offsets: tuple[int, ...]) -> Matrix:
    """The rows of each word and its neighbours, with zeros beyond the ends."""
    reach, count = max(offsets), len(words)
    padded = np.pad(words, ((reach, reach), (0, 0)))
    return np.hstack([padded[reach + offset : reach + offset + count] for offset in offsets])


def _parts(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, TAGS_AT_ONCE):
        yield start, min(count, start + TAGS_AT_ONCE)


def _entities(tokens: list[Token], tags: list[str]) -> Iterator[Entity]:
    """Joins the words of an entity: the first has the tag ``B-``, the others ``I-``."""
    current: Entity | None = None
    for token, tag in zip(tokens, tags, strict=True):
        place, _, label = tag.partition("-")
        if current is not None and _goes_on(current, token, place, label):
            current = current._replace(end=token.end)
            continue
        if current is not None:
            yield current
        current = Entity(token.start, token.end, label) if label else None
    if current is not None:
        yield current


def _goes_on(entity: Entity, token: Token, place: str, label: str) -> bool:
    """Joins two adjacent names of one kind."""
    near = token.start - entity.end <= 1
    return label == entity.label and (place == "I" or (near and token.text.isalpha()))
