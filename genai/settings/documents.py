"""Settings of documents: reading, storage, retrieval, answering."""

from typing import ClassVar, Literal

from pydantic import Field

from genai.section import Section
from genai.settings.prompts import FewShotSettings


class MiniLMSettings(Section):
    """all-MiniLM-L6-v2 from the installed package, or from a folder."""

    name: ClassVar[str] = "all-MiniLM-L6-v2"
    dimensions: ClassVar[int] = 384

    backend: Literal["minilm"] = "minilm"
    model: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=1, ge=1)


class ReadingSettings(Section):
    """Limits for reading one file, which is done in a process of its own.

    ``seconds`` apply to CPU time and to wall-clock time each. ``memory_mb`` limits the process,
    ``max_chars`` the resulting Markdown. Each ingress process reads ``at_once`` files at the same time.
    """

    seconds: float = Field(default=30.0, gt=0)
    memory_mb: int = Field(default=1_000, ge=256)
    max_chars: int = Field(default=2_000_000, ge=1)
    at_once: int = Field(default=2, ge=1)


class SemanticCacheSettings(Section):
    """A cache of answers: up to ``entries`` per process, each for ``ttl_s`` seconds.

    A hit needs a cosine similarity of ``min_similarity`` and the same significant words.
    """

    min_similarity: float = Field(default=0.95, gt=0, le=1)
    ttl_s: float = Field(default=600.0, gt=0)
    entries: int = Field(default=1_000, ge=1)


class RerankerSettings(Section):
    """A cross-encoder, from a folder or a hub, that reranks the ``top`` passages."""

    model: str = Field(min_length=1)
    top: int = Field(default=20, ge=1, le=100)


class RAGSettings(Section):
    """Retrieval-augmented answers.

    ``store`` is a folder for LanceDB. With ``store_env``, documents are stored in PostgreSQL with
    pgvector instead, at the ``postgresql://`` address in that environment variable.

    ``kept_versions`` is the number of former states of a tenant's documents that can be restored.

    ``vectors`` is a file of precomputed vectors of the documents; it need not exist.

    A passage whose confidence (0 to 1) reaches ``sure_confidence`` is answered from. From
    ``min_confidence`` on it is quoted as uncertain; below, the question is declined. ``grounding:
    drop`` removes statements from generated answers that the passages do not support.

    The prompt has at most ``max_prompt_tokens``, by estimate: the least relevant passages are left out.
    A model's window must have room for a sixth more than that, and for the answer.
    """

    llm: str = "extractive"
    few_shot: FewShotSettings | None = None
    max_prompt_tokens: int = Field(default=4_000, ge=500)
    grounding: Literal["off", "drop"] = "drop"
    store: str = "var/documents"
    documents: str = "sample_bank/documents"
    vectors: str = "sample_bank/vectors.npz"
    top_k: int = Field(default=5, ge=1, le=50)
    chunk_tokens: int = Field(default=200, ge=32, le=256)
    min_confidence: float = Field(default=0.2, ge=0, le=1)
    sure_confidence: float = Field(default=0.7, ge=0, le=1)
    store_env: str | None = None
    kept_versions: int = Field(default=5, ge=1, le=100)
    reading: ReadingSettings = ReadingSettings()
    cache: SemanticCacheSettings | None = None
    reranker: RerankerSettings | None = None
