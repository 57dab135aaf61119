from genai.embeddings.hashing import HashEmbedder
from genai.rag.base import Document
from genai.rag.permissions import Reader
from genai.rag.retrieval.in_memory_retriever import InMemoryRetriever

DOCUMENTS = (
    Document(id="fees", title="Fees", text="# Fees\n\nThe Gold card costs 95 euros a year."),
    Document(id="loans", title="Loans", text="# Loans\n\nA loan runs for up to 84 months."),
)


async def test_the_passage_that_fits_best_comes_first() -> None:
    shelf = await InMemoryRetriever.of(HashEmbedder(), DOCUMENTS, chunk_tokens=200)

    found = await shelf.async_retrieve(Reader(tenant="t"), "How long does a loan run?", limit=5)

    assert [passage.document_id for passage in found] == ["loans", "fees"]
    assert len(shelf.passages) == 2


async def test_no_more_are_found_than_wanted() -> None:
    shelf = await InMemoryRetriever.of(HashEmbedder(), DOCUMENTS, chunk_tokens=200)

    assert len(await shelf.async_retrieve(Reader(tenant="t"), "card", limit=1)) == 1
