"""Routes a question like the most similar of its example questions."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genai.base.embedder import BaseEmbedder
from genai.messages import Route


class NearestExampleRouter:
    """Compares a question with examples of each route, by the cosine of their embeddings.

    A question that resembles no example as much as ``min_similarity`` takes the ``fallback``.
    The examples are embedded at the first question, so that building a router costs nothing.
    """

    def __init__(
        self,
        embedder: BaseEmbedder,
        examples: Mapping[Route, Sequence[str]],
        *,
        fallback: Route,
        min_similarity: float,
    ) -> None:
        self._embedder = embedder
        self._labelled = [(route, text) for route, texts in examples.items() for text in texts]
        self._fallback = fallback
        self._min_similarity = min_similarity
        self._vectors: NDArray[np.float32] | None = None
        self._loading = asyncio.Lock()

    async def async_route(self, text: str) -> Route:
        if not self._labelled:
            return self._fallback
        vectors = await self._example_vectors()
        [asked] = await self._embedder.async_embed([text])
        similarities = vectors @ np.asarray(asked, dtype=np.float32)
        best = int(similarities.argmax())
        if similarities[best] < self._min_similarity:
            return self._fallback
        return self._labelled[best][0]

    async def _example_vectors(self) -> NDArray[np.float32]:
        async with self._loading:
            if self._vectors is None:
                texts = [text for _, text in self._labelled]
                embedded = await self._embedder.async_embed(texts)
                self._vectors = np.asarray(embedded, dtype=np.float32)
        return self._vectors
