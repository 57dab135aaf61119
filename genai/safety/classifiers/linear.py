"""A linear text classifier over words and parts of words.

`jobs.train_toxicity` trains its weights; `benchmarks/safety/README.md` has its figures.
"""

import math
from array import array
from functools import lru_cache
from pathlib import Path

import numpy as np

from genai.safety.classifiers.linear_features import part_buckets, tokens, word_buckets

_REMEMBERED_WORDS = 4_096


class LinearClassifier:
    """Loads the weights when constructed: a quarter of a megabyte."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            weights: array[float] = array("f", file["buckets"].astype(np.float32).tobytes())
            self._bias = float(file["bias"]) - float(file["threshold"])

        @lru_cache(maxsize=_REMEMBERED_WORDS)
        def parts(word: str) -> float:
            return sum(weights[bucket] for bucket in part_buckets(word))

        self._weights = weights
        self._parts = parts

    def score(self, text: str) -> float:
        """0 to 1; one half is where the threshold of the file lies."""
        return 1 / (1 + math.exp(-max(-60.0, self._logit(text))))

    def _logit(self, text: str) -> float:
        words = tokens(text)
        weights = self._weights
        total: float = sum([weights[bucket] for bucket in word_buckets(words)])
        total += sum(map(self._parts, words))
        return total / math.sqrt(max(1, len(words))) + self._bias
