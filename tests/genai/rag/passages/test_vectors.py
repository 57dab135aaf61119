from collections.abc import Sequence

from genai.messages import Passage
from genai.rag.passages.vectors import embed_passages, embedded_texts
from tests.support.embedders import SameEmbedder


class Counting(SameEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Sequence[str]] = []

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked.append(texts)
        return await super().async_embed(texts)


def passages(count: int) -> list[Passage]:
    return [
        Passage(document_id="d", title="Fees", section=f"Part {number}", text="It is free.")
        for number in range(count)
    ]


async def test_a_long_document_is_embedded_a_little_at_a_time_and_nothing_twice() -> None:
    embedder = Counting()

    vectors = await embed_passages(embedder, passages(20))

    asked = [text for texts in embedder.asked for text in texts]
    assert len(asked) == len(set(asked))
    assert max(map(len, embedder.asked)) <= 16
    assert [len(one) for one in vectors] == [len(embedded_texts(one)) for one in passages(20)]
