"""Fits the weights of the linear classifier by stochastic gradient descent, in numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genai.safety.classifiers.linear_features import BUCKETS, part_buckets, tokens, word_buckets

Floats = NDArray[np.float32]
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Features:
    """The buckets of many windows, concatenated; ``starts`` has the start of each window, and the end."""

    buckets: NDArray[np.int32]
    starts: NDArray[np.int64]
    scales: Floats

    def __len__(self) -> int:
        return len(self.scales)

    def of(self, index: int) -> NDArray[np.int32]:
        return self.buckets[self.starts[index] : self.starts[index + 1]]


@dataclass(frozen=True, slots=True)
class LinearWeights:
    buckets: Floats
    bias: float

    def logits(self, features: Features) -> Floats:
        if not len(features):
            return np.zeros(0, dtype=np.float32)
        sums = np.add.reduceat(np.append(self.buckets[features.buckets], 0), features.starts[:-1])
        sums[np.diff(features.starts) == 0] = 0
        return (sums * features.scales + self.bias).astype(np.float32)


def featurize(windows: Sequence[str]) -> Features:
    found: list[NDArray[np.int32]] = []
    scales: list[float] = []
    for window in windows:
        words = tokens(window)
        own = np.fromiter(word_buckets(words), dtype=np.int32)
        found += [own, *map(_parts, words)]
        scales.append(max(1, len(words)) ** -0.5)
        found.append(_END)
    flat = np.concatenate(found) if found else _END
    ends = np.flatnonzero(flat < 0)
    starts = np.concatenate(([0], ends - np.arange(len(ends))))
    return Features(flat[flat >= 0], starts, np.array(scales, dtype=np.float32))


def select(features: Features, chosen: NDArray[np.intp]) -> Features:
    """The features of some windows, in their order."""
    counts = np.diff(features.starts)[chosen]
    starts = np.concatenate(([0], np.cumsum(counts)))
    inside = np.arange(starts[-1]) - np.repeat(starts[:-1], counts)
    where = np.repeat(features.starts[:-1][chosen], counts) + inside
    return Features(features.buckets[where], starts, features.scales[chosen])


_END = np.array([-1], dtype=np.int32)


@lru_cache(maxsize=100_000)
def _parts(word: str) -> NDArray[np.int32]:
    return np.fromiter(part_buckets(word), dtype=np.int32)


def fit(
    features: Features,
    labels: Floats,
    importance: Floats,
    *,
    epochs: int,
    learning_rate: float = 0.1,
    decay: float = 1e-6,
    seed: int = 0,
    buckets: int = 2 * BUCKETS,
) -> LinearWeights:
    """Logistic regression by AdaGrad. ``importance`` 0 leaves a window out."""
    weights = np.zeros(buckets, dtype=np.float32)
    squares = np.full(buckets, 1e-2, dtype=np.float32)
    bias, bias_square = 0.0, 1e-2
    order = np.flatnonzero(importance > 0)
    random = np.random.default_rng(seed)
    for _ in range(epochs):
        random.shuffle(order)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            parts = [features.of(index) for index in batch]
            flat = np.concatenate(parts)
            rows = np.repeat(np.arange(len(batch)), [len(part) for part in parts])
            scales = features.scales[batch]
            sums = np.bincount(rows, weights[flat], len(batch)) * scales + bias
            errors = (1 / (1 + np.exp(-sums)) - labels[batch]) * importance[batch]
            gradient = np.bincount(flat, (errors * scales)[rows], buckets) / len(batch)
            gradient += decay * weights
            squares += gradient**2
            weights -= (learning_rate * gradient / np.sqrt(squares)).astype(np.float32)
            slope = float(errors.mean())
            bias_square += slope**2
            bias -= learning_rate * slope / bias_square**0.5
    return LinearWeights(weights, bias)
