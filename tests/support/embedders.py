"""Embedders for tests that are not about similarity."""

from collections.abc import Sequence

from genai.base.embedder import BaseEmbedder


class SameEmbedder(BaseEmbedder):
    """Gives all texts the same vector, so that similarity decides nothing."""

    name = "same"
    dimensions = 1

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts.extend(texts)
        return [[1.0] for _ in texts]
