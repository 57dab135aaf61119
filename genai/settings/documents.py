"""Documents: how they are read, stored, searched and answered from."""

from typing import ClassVar, Literal

from pydantic import Field

from genai.section import Section


class MiniLMSettings(Section):
    """all-MiniLM-L6-v2 from the installed package, or from a folder."""

    name: ClassVar[str] = "all-MiniLM-L6-v2"
    dimensions: ClassVar[int] = 384

    backend: Literal["minilm"] = "minilm"
    model: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=1, ge=1)


class ReadingSettings(Section):
    """How much reading one file may take, which happens in a process of its own.

    ``seconds`` of CPU and of waiting, ``memory_mb`` of memory, ``max_chars`` of the Markdown that
    comes of it. So many files are read ``at_once``, by each process that takes documents in.
    """

    seconds: float = Field(default=30.0, gt=0)
    memory_mb: int = Field(default=1_000, ge=256)
    max_chars: int = Field(default=2_000_000, ge=1)
    at_once: int = Field(default=2, ge=1)


class SemanticCacheSettings(Section):
    """Answers again what was asked before, for ``ttl_s`` seconds; so many ``entries`` a process.

    Beside equal words, the vectors of both questions must be as similar as ``min_similarity``.
    """

    min_similarity: float = Field(default=0.95, gt=0, le=1)
    ttl_s: float = Field(default=600.0, gt=0)
    entries: int = Field(default=1_000, ge=1)


class RerankerSettings(Section):
    """A cross-encoder, from a folder or a hub, which orders the ``top`` passages anew."""

    model: str = Field(min_length=1)
    top: int = Field(default=20, ge=1, le=100)


class RAGSettings(Section):
    """``store`` is a folder for LanceDB. With ``store_env`` the documents are in PostgreSQL with
    pgvector instead, at the ``postgresql://`` address that this variable of the environment has.

    ``kept_versions`` is how many former states of a tenant's documents can be returned to.

    ``vectors`` is a file of vectors of the documents' texts, made before; it need not exist.

    ``sure_confidence`` (0 to 1) is what the best passage must reach to be answered from. From
    ``min_confidence`` on it is quoted as the nearest that there is, and below nothing is. ``grounding``
    ``drop`` leaves statements out of generated answers that the passages do not support.
    """

    llm: str = "extractive"
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
