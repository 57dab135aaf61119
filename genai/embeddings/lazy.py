"""Builds an embedder on first use."""

from collections.abc import Callable, Sequence
from functools import cached_property

from genai.base.embedder import BaseEmbedder


class LazyEmbedder(BaseEmbedder):
    def __init__(self, name: str, dimensions: int, build: Callable[[], BaseEmbedder]) -> None:
        self.name = name
        self.dimensions = dimensions
        self._build = build

    @cached_property
    def _built(self) -> BaseEmbedder:
        return self._build()

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        return await self._built.async_embed(texts)
