"""Routes a question to the route of the most similar example."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genai.base.embedder import BaseEmbedder
from genai.messages import Route
from genai.routing.base import Judgement


class NearestExampleRouter:
    """Compares the embeddings of question and examples by cosine.

    If no example reaches ``min_similarity``, the ``fallback`` is used. Examples are embedded on first
    use.
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

    async def async_judge(self, texts: Sequence[str]) -> list[Judgement]:
        if not self._labelled:
            return [Judgement(self._fallback, 0.0) for _ in texts]
        vectors = await self._example_vectors()
        asked = await self._embedder.async_embed(list(texts))
        return [self._judged(vectors @ np.asarray(one, dtype=np.float32)) for one in asked]

    def _judged(self, similarities: NDArray[np.float32]) -> Judgement:
        best = int(similarities.argmax())
        if similarities[best] < self._min_similarity:
            return Judgement(self._fallback, 0.0)
        route = self._labelled[best][0]
        others = [s for (r, _), s in zip(self._labelled, similarities, strict=True) if r != route]
        ahead = float(similarities[best]) - max(0.0, *map(float, others), 0.0)
        return Judgement(route, ahead)

    async def _example_vectors(self) -> NDArray[np.float32]:
        async with self._loading:
            if self._vectors is None:
                texts = [text for _, text in self._labelled]
                embedded = await self._embedder.async_embed(texts)
                self._vectors = np.asarray(embedded, dtype=np.float32)
        return self._vectors
