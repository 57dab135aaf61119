"""The shipped vectors are those of the documents as they stand."""

from collections.abc import Sequence
from pathlib import Path

from genai.base.embedder import BaseEmbedder
from genai.embeddings.precomputed import PrecomputedEmbedder, load_vectors
from genai.rag.ingestion.documents import read_documents
from genai.rag.passages.chunking import chunk
from genai.rag.passages.vectors import embed_passages
from genai.settings.documents import MiniLMSettings, RAGSettings

ROOT = Path(__file__).resolve().parents[2]


class NothingLeftToEmbed(BaseEmbedder):
    name = MiniLMSettings.name
    dimensions = MiniLMSettings.dimensions

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise AssertionError(
            f"{len(texts)} texts have no vector; run python -m jobs.ingest "
            "--save-vectors sample_bank/vectors.npz"
        )


async def test_every_text_of_the_sample_documents_has_its_vector() -> None:
    settings = RAGSettings()
    vectors = load_vectors(ROOT / settings.vectors, MiniLMSettings.name)
    embedder = PrecomputedEmbedder(NothingLeftToEmbed(), vectors)

    for document in read_documents(ROOT / settings.documents):
        passages = chunk(document, max_tokens=settings.chunk_tokens)

        assert len(await embed_passages(embedder, passages)) == len(passages)
