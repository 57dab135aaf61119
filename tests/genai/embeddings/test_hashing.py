import math

from genai.embeddings.hashing import HashEmbedder


async def test_vectors_have_unit_length_and_the_promised_dimensions() -> None:
    embedder = HashEmbedder(dimensions=16)

    vectors = await embedder.async_embed(["one two", "", "three"])

    assert [len(vector) for vector in vectors] == [16, 16, 16]
    assert all(math.isclose(sum(v * v for v in vector), 1.0) for vector in vectors)


async def test_texts_that_share_words_are_more_similar_than_others() -> None:
    question, close, far = await HashEmbedder().async_embed(
        ["the monthly fee", "a monthly fee of two euros", "lost cards"]
    )

    def similarity(other: list[float]) -> float:
        return sum(a * b for a, b in zip(question, other, strict=True))

    assert similarity(close) > similarity(far)
