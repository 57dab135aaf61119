from collections.abc import Sequence

import numpy as np

from genai.embeddings.cached import CachedEmbedder, cached
from genai.embeddings.hashing import HashEmbedder


class CountingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        super().__init__(dimensions=8)
        self.asked: list[str] = []

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return await super().async_embed(texts)


async def test_a_text_is_embedded_once() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner)

    first = await embedder.async_embed(["a", "b", "a"])
    again = await embedder.async_embed(["b"])

    assert inner.asked == ["a", "b"]
    assert first[0] == first[2]
    assert again == [first[1]]


async def test_remembered_vectors_are_not_computed_again() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner)
    embedder.remember([("a", np.full(8, 0.5, dtype=np.float32))])

    vectors = await embedder.async_embed(["a"])

    assert vectors == [[0.5] * 8]
    assert inner.asked == []


async def test_the_least_recently_used_texts_are_evicted() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner, capacity=2)

    await embedder.async_embed(["a", "b"])
    await embedder.async_embed(["a"])
    await embedder.async_embed(["c"])
    await embedder.async_embed(["a", "b"])

    assert inner.asked == ["a", "b", "c", "b"]


async def test_questions_do_not_evict_vectors_of_a_store() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner, asked=2)
    embedder.remember([("stored", np.full(8, 0.5, dtype=np.float32))])

    await embedder.async_embed(["a", "b", "c"])
    await embedder.async_embed(["stored", "c", "a"])

    assert inner.asked == ["a", "b", "c", "a"]


async def test_more_texts_than_the_cache_holds_are_still_answered() -> None:
    embedder = CachedEmbedder(CountingEmbedder(), capacity=1)

    assert len(await embedder.async_embed(["a", "b", "c"])) == 3


def test_everything_that_shares_an_embedder_shares_its_cache() -> None:
    inner = CountingEmbedder()

    assert cached(inner) is cached(inner)
    assert cached(cached(inner)) is cached(inner)
    assert cached(CountingEmbedder()) is not cached(inner)


async def test_a_matrix_has_the_vectors_as_rows_however_they_came() -> None:
    embedder = CachedEmbedder(HashEmbedder())
    one, two = await HashEmbedder().async_embed(["one", "two"])
    embedder.remember([("two", np.array(two, dtype=np.float32))])

    matrix = await embedder.async_matrix(["two", "one", "two"])

    assert np.allclose(matrix, [two, one, two])
    assert np.allclose(await embedder.async_embed(["two"]), [two])
