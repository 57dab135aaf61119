"""Exhaustive retrieval over documents in memory, for training on small sets of documents."""

from collections.abc import Sequence

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.language.words import content_words, covered, shared, word_weights
from genai.messages import Passage
from genai.rag.base import Document
from genai.rag.passages.chunking import chunk, findable
from genai.rag.passages.vectors import embed_passages, embedded_texts
from genai.rag.permissions import Reader
from genai.rag.storage.ranking import fitted

_CANDIDATES = 90


class InMemoryRetriever:
    """A `Retriever` that ignores permissions."""

    def __init__(
        self, embedder: BaseEmbedder, passages: Sequence[Passage], vectors: np.ndarray
    ) -> None:
        """``vectors`` are those of the passages' `embedded_texts`, concatenated."""
        self._embedder = embedder
        self._passages = list(passages)
        self._vectors = vectors
        lengths = [len(embedded_texts(passage)) for passage in passages]
        self._starts = np.cumsum([0, *lengths])
        self._words = [content_words(findable(passage)) for passage in passages]

    @classmethod
    async def of(
        cls, embedder: BaseEmbedder, documents: Sequence[Document], *, chunk_tokens: int
    ) -> "InMemoryRetriever":
        passages = [p for one in documents for p in chunk(one, max_tokens=chunk_tokens)]
        vectors = await embed_passages(embedder, passages)
        rows = np.array([row for part in vectors for row in part], dtype=np.float32)
        return cls(embedder, passages, rows)

    @property
    def passages(self) -> Sequence[Passage]:
        return self._passages

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        """Best first."""
        [vector] = await self._embedder.async_embed([query])
        cosines = self._vectors @ np.asarray(vector, dtype=np.float32)
        nearest = np.argsort(-np.maximum.reduceat(cosines, self._starts[:-1]))[:_CANDIDATES]
        asked = content_words(query)
        weights = word_weights(asked, [self._words[number] for number in nearest])
        fits = [
            fitted(
                self._passages[number],
                cosines[self._starts[number] : self._starts[number + 1]].tolist(),
                covered(weights, self._words[number]),
                shared(asked, self._words[number]),
            )
            for number in nearest
        ]
        fits.sort(key=lambda fit: fit.score, reverse=True)
        return tuple(fit.passage for fit in fits[:limit])
