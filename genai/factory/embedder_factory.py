"""Builds the configured embedder, once a process: components that share a process share it."""

from functools import cache

from genai.base.embedder import BaseEmbedder
from genai.settings.documents import MiniLMSettings


@cache
def build_embedder(settings: MiniLMSettings) -> BaseEmbedder:
    from genai.embeddings.minilm import MiniLMEmbedder

    return MiniLMEmbedder(settings)
