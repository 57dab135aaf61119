"""Remembers the vectors of recent texts."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from genai.base.embedder import BaseEmbedder


class CachedEmbedder(BaseEmbedder):
    """An embedder that asks another one only for texts it has not seen lately.

    A store that keeps vectors beside its texts hands them in with `remember`, and whoever embeds
    these texts next finds them ready. Not thread-safe: one event loop uses it.
    """

    def __init__(self, inner: BaseEmbedder, capacity: int = 20_000) -> None:
        self.name = inner.name
        self.dimensions = inner.dimensions
        self._inner = inner
        self._capacity = capacity
        self._vectors: OrderedDict[str, array[float]] = OrderedDict()

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        found = {text: vector for text in texts if (vector := self._recall(text)) is not None}
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            fresh = await self._inner.async_embed(missing)
            found.update(zip(missing, fresh, strict=True))
            self.remember(
                (text, array("f", vector)) for text, vector in zip(missing, fresh, strict=True)
            )
        return [found[text] for text in texts]

    def remember(self, vectors: Iterable[tuple[str, "array[float]"]]) -> None:
        """Take vectors that this embedder's model made earlier, as arrays of type ``f``."""
        for text, vector in vectors:
            self._vectors[text] = vector
            self._vectors.move_to_end(text)
        while len(self._vectors) > self._capacity:
            self._vectors.popitem(last=False)

    def knows(self, text: str) -> bool:
        """Whether the text's vector is at hand."""
        return text in self._vectors

    def _recall(self, text: str) -> list[float] | None:
        vector = self._vectors.get(text)
        if vector is None:
            return None
        self._vectors.move_to_end(text)
        return vector.tolist()


_CACHES: WeakKeyDictionary[BaseEmbedder, CachedEmbedder] = WeakKeyDictionary()


def cached(embedder: BaseEmbedder) -> CachedEmbedder:
    """The one cache of this embedder in this process: what shares an embedder shares its cache."""
    if isinstance(embedder, CachedEmbedder):
        return embedder
    cache = _CACHES.get(embedder)
    if cache is None:
        cache = _CACHES[embedder] = CachedEmbedder(embedder)
    return cache
