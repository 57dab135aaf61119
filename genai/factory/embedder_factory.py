"""Builds the configured embedder, once per process."""

from functools import cache

from genai.base.embedder import BaseEmbedder
from genai.settings.documents import MiniLMSettings


@cache
def build_embedder(settings: MiniLMSettings) -> BaseEmbedder:
    from genai.embeddings.minilm import MiniLMEmbedder

    return MiniLMEmbedder(settings)
