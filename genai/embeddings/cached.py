"""Caches the vectors of recent texts."""

from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.lru_cache import LRUCache


class CachedEmbedder(BaseEmbedder):
    """Caches the vectors of an embedder.

    A document store with stored vectors adds them by `remember`. Of other texts, ``asked`` vectors are
    kept (default: ``capacity``). Not thread-safe: for one event loop.
    """

    def __init__(
        self, inner: BaseEmbedder, capacity: int = 20_000, *, asked: int | None = None
    ) -> None:
        self.name = inner.name
        self.dimensions = inner.dimensions
        self._inner = inner
        self._vectors = LRUCache[str, np.ndarray](capacity)
        self._asked = LRUCache[str, np.ndarray](capacity if asked is None else asked)

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [vector.tolist() for vector in await self._arrays(texts)]

    async def async_matrix(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors as rows. Of hundreds of texts, lists would cost ten times as much."""
        return np.stack(await self._arrays(texts))

    async def _arrays(self, texts: Sequence[str]) -> list[np.ndarray]:
        found: dict[str, np.ndarray] = {
            text: vector for text in texts if (vector := self._recall(text)) is not None
        }
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            made = await self._inner.async_embed(missing)
            fresh = {
                text: np.asarray(one, dtype=np.float32)
                for text, one in zip(missing, made, strict=True)
            }
            found.update(fresh)
            self._asked.keep(fresh.items())
        return [found[text] for text in texts]

    def remember(self, vectors: Iterable[tuple[str, np.ndarray]]) -> None:
        """Take vectors that this embedder's model made earlier."""
        self._vectors.keep(vectors)

    def knows(self, text: str) -> bool:
        """Whether the text's vector is at hand."""
        return text in self._vectors or text in self._asked

    def _recall(self, text: str) -> np.ndarray | None:
        found = self._vectors.recall(text)
        return self._asked.recall(text) if found is None else found


QUESTIONS = 2_000
"""Where a store hands in the vectors of its texts, the others are questions. Hardly one comes again."""

_CACHES: WeakKeyDictionary[BaseEmbedder, CachedEmbedder] = WeakKeyDictionary()


def cached(embedder: BaseEmbedder) -> CachedEmbedder:
    """The shared cache of this embedder in this process."""
    if isinstance(embedder, CachedEmbedder):
        return embedder
    cache = _CACHES.get(embedder)
    if cache is None:
        cache = _CACHES[embedder] = CachedEmbedder(embedder, asked=QUESTIONS)
    return cache
