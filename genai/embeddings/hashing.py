"""Hashed bag-of-words embeddings, without a model, for tests."""

import math
import re
import zlib
from collections.abc import Sequence

from genai.base.embedder import BaseEmbedder


class HashEmbedder(BaseEmbedder):
    """Texts are similar if they share words, deterministically across processes."""

    name = "hash"

    def __init__(self, dimensions: int = 384) -> None:
        self.dimensions = dimensions

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._embed(text) for text in texts]

    def _embed(self, text: str) -> list[float]:
        vector = [0.0] * self.dimensions
        for word in re.findall(r"\w+", text.lower()) or [""]:
            vector[zlib.crc32(word.encode("utf-8", "replace")) % self.dimensions] += 1.0
        length = math.sqrt(sum(value * value for value in vector))
        return [value / length for value in vector]
