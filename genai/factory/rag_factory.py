"""Builds what answers from documents."""

from pathlib import Path
from typing import TYPE_CHECKING

from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.embeddings.cached import cached
from genai.factory.prompt_factory import build_prompt
from genai.factory.safety_factory import build_guard
from genai.rag.answerer import RAGAnswerer
from genai.settings import Settings

if TYPE_CHECKING:  # importing it loads LanceDB
    from genai.rag.lancedb import LanceDBStore


def build_rag(settings: Settings, embedder: BaseEmbedder, llm: BaseLLM) -> RAGAnswerer:
    return RAGAnswerer(
        build_store(settings, embedder),
        cached(embedder),
        llm,
        build_prompt("rag"),
        settings.rag,
        build_guard(settings.safety),
    )


def build_store(settings: Settings, embedder: BaseEmbedder) -> "LanceDBStore":
    """Opens nothing yet: the store opens its table when it is first used."""
    try:
        from genai.rag.lancedb import LanceDBStore
    except ImportError as error:
        raise ImportError('pip install "genai-factory[lancedb]"') from error
    return LanceDBStore(
        Path(settings.rag.store), cached(embedder), chunk_tokens=settings.rag.chunk_tokens
    )
