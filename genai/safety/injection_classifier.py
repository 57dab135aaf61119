"""The classifiers that come with the project: linear, over words and parts of words.

`jobs.train_injection` and `jobs.train_toxicity` make the files of their weights;
`benchmarks/safety/README.md` says how good they are.
"""

import math
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from genai.safety.classifier import Classifier
from genai.safety.injection_features import part_buckets, tokens, word_buckets

SHIPPED = Path(__file__).with_name("injection_model.npz")

_REMEMBERED_WORDS = 50_000

SHORTEST = 40
"""Characters. Of less, a few words decide alone: "Say something." scored as high as an attack."""


class LinearClassifier(Classifier):
    """Loads the weights when constructed: a quarter of a megabyte.

    Texts of fewer than ``shortest`` characters get 0.
    """

    waits = False

    def __init__(self, path: Path = SHIPPED, *, shortest: int = SHORTEST) -> None:
        with np.load(path, allow_pickle=False) as file:
            weights: array[float] = array("f", file["buckets"].astype(np.float32).tobytes())
            self._bias = float(file["bias"]) - float(file["threshold"])

        @lru_cache(maxsize=_REMEMBERED_WORDS)
        def parts(word: str) -> float:
            return sum(weights[bucket] for bucket in part_buckets(word))

        self._shortest = shortest
        self._weights = weights
        self._parts = parts

    async def async_score(self, texts: Sequence[str]) -> list[float]:
        return [self.score(text) if len(text) >= self._shortest else 0.0 for text in texts]

    def score(self, text: str) -> float:
        return 1 / (1 + math.exp(-max(-60.0, self._logit(text))))

    def _logit(self, text: str) -> float:
        words = tokens(text)
        weights = self._weights
        total: float = sum([weights[bucket] for bucket in word_buckets(words)])
        total += sum(map(self._parts, words))
        return total / math.sqrt(max(1, len(words))) + self._bias
