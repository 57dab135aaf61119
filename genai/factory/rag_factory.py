"""Builds the RAG answerer and the document store."""

import os
from collections.abc import Mapping
from pathlib import Path

from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.embeddings.cached import CachedEmbedder, cached
from genai.errors import Misconfigured
from genai.factory.prompt_factory import build_prompt
from genai.factory.safety_factory import build_guard, discreet
from genai.rag.answerer import RAGAnswerer
from genai.rag.answering.grounding import GroundedLLM
from genai.rag.base import Retriever
from genai.rag.semantic_cache import SemanticCache
from genai.rag.storage.index import DocumentIndex
from genai.rag.storage.lancedb_store import LanceDBStore
from genai.settings.application import Settings
from genai.settings.documents import RAGSettings


def build_rag(settings: Settings, embedder: BaseEmbedder, llm: BaseLLM) -> BaseAnswerer:
    rag, store = settings.rag, build_store(settings, embedder)
    grounded = GroundedLLM(llm) if rag.grounding == "drop" else llm
    answerer = RAGAnswerer(
        _reranked(store, rag),
        cached(embedder),
        discreet(grounded, settings.safety),
        build_prompt("rag", rag.few_shot),
        rag,
        build_guard(settings.safety),
    )
    if rag.cache is None:
        return answerer
    return SemanticCache(answerer, cached(embedder), store, rag.cache)


def _reranked(store: Retriever, rag: RAGSettings) -> Retriever:
    if rag.reranker is None:
        return store
    from genai.rag.retrieval.cross_encoder import CrossEncodingRetriever

    return CrossEncodingRetriever(store, rag.reranker)


def build_store(
    settings: Settings, embedder: BaseEmbedder, environ: Mapping[str, str] = os.environ
) -> DocumentIndex:
    """Opens nothing yet: the store opens its tables when it is first used."""
    rag = settings.rag
    if rag.store_env is not None:
        return _networked(rag, cached(embedder), environ)
    try:
        return LanceDBStore(
            Path(rag.store),
            cached(embedder),
            chunk_tokens=rag.chunk_tokens,
            kept_versions=rag.kept_versions,
        )
    except ImportError as error:
        raise ImportError('pip install "genai-factory[lancedb]"') from error


def _networked(
    rag: RAGSettings, embedder: CachedEmbedder, environ: Mapping[str, str]
) -> DocumentIndex:
    url = environ.get(rag.store_env or "")
    if not url:
        raise Misconfigured(f"rag.store_env: {rag.store_env} is not in the environment")
    try:
        from genai.rag.storage.pgvector import PgVectorStore
    except ImportError as error:
        raise ImportError('pip install "genai-factory[sql]"') from error
    return PgVectorStore(
        url, embedder, chunk_tokens=rag.chunk_tokens, kept_versions=rag.kept_versions
    )
