import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from genai.embeddings.cached import CachedEmbedder
from genai.embeddings.hashing import HashEmbedder
from genai.errors import BackendFailed, Forbidden, InvalidInput
from genai.rag.base import Document

pytest.importorskip("lancedb")

from genai.rag.lancedb import SHARED, LanceDBStore

FEES = Document(id="fees", title="Fees", text="The Gold card costs 95 euros.", source="fees.md")
LOANS = Document(id="loans", title="Loans", text="A loan runs for 84 months.")


class CountingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return await super().async_embed(texts)


def a_store(folder: Path, embedder: HashEmbedder | None = None) -> LanceDBStore:
    return LanceDBStore(folder, CachedEmbedder(embedder or HashEmbedder()), chunk_tokens=200)


async def found(store: LanceDBStore, tenant: str, query: str = "Gold card") -> list[str]:
    passages = await store.async_retrieve(tenant, query, limit=10)
    return [passage.document_id for passage in passages]


@pytest.fixture
def store(tmp_path: Path) -> LanceDBStore:
    return a_store(tmp_path)


async def test_a_stored_document_is_found_with_its_exact_text(store: LanceDBStore) -> None:
    await store.async_add("acme", [LOANS, FEES])

    best, *_ = await store.async_retrieve("acme", "What does the Gold card cost?", limit=1)

    assert (best.document_id, best.title) == ("fees", "Fees")
    assert best.text == FEES.text[best.start : best.end]
    assert 0 < best.score <= 1


async def test_nobody_finds_or_lists_or_deletes_what_another_tenant_stored(
    store: LanceDBStore,
) -> None:
    await store.async_add("acme", [FEES])

    assert await found(store, "rival") == []
    assert await store.async_list("rival") == ()
    assert await store.async_delete("rival", "fees") is False
    assert await found(store, "acme") == ["fees"]


@pytest.mark.parametrize(
    "tenant",
    [
        "' OR '1'='1",
        "acme' --",
        "acme') OR true --",
        'acme" OR ""="',
        "acme\\' OR 1=1",
        "%",
        "a\nb",
    ],
)
async def test_a_name_that_looks_like_a_filter_is_only_a_name(
    store: LanceDBStore, tenant: str
) -> None:
    await store.async_add("acme", [FEES])

    assert await found(store, tenant) == []
    assert await store.async_delete("acme", tenant) is False
    await store.async_add(tenant, [LOANS])
    assert await found(store, tenant) == ["loans"]
    assert await store.async_delete(tenant, "loans") is True
    assert await found(store, "acme") == ["fees"]


async def test_two_tenants_may_use_the_same_id(store: LanceDBStore) -> None:
    await store.async_add("acme", [FEES])
    await store.async_add("rival", [LOANS.model_copy(update={"id": "fees"})])

    await store.async_delete("rival", "fees")

    assert await found(store, "acme") == ["fees"]


async def test_a_replaced_document_leaves_nothing_behind(store: LanceDBStore) -> None:
    long = "\n\n".join(f"## Part {n}\n\nThe Gold card, part {n}." for n in range(5))
    await store.async_add("acme", [FEES.model_copy(update={"text": long})])

    await store.async_add("acme", [FEES])

    (passage,) = await store.async_retrieve("acme", "Gold card", limit=10)
    assert passage.text == FEES.text
    (summary,) = await store.async_list("acme")
    assert (summary.id, summary.source, summary.passages) == ("fees", "fees.md", 1)


async def test_a_deleted_document_is_gone_at_once(store: LanceDBStore) -> None:
    await store.async_add("acme", [FEES, LOANS])

    assert await store.async_delete("acme", "fees") is True
    assert await store.async_delete("acme", "fees") is False
    assert await found(store, "acme") == ["loans"]


async def test_shared_documents_are_read_by_all_and_written_by_nobody(store: LanceDBStore) -> None:
    await store.async_publish([FEES])

    assert await found(store, "acme") == ["fees"]
    assert await store.async_list("acme") == ()
    with pytest.raises(Forbidden):
        await store.async_add(SHARED, [LOANS])
    with pytest.raises(Forbidden):
        await store.async_delete(SHARED, "fees")


async def test_publishing_again_changes_only_what_differs(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    store = a_store(tmp_path, embedder)
    assert await store.async_publish([FEES, LOANS]) == 2
    embedder.asked.clear()

    assert await store.async_publish([FEES, LOANS]) == 0
    assert embedder.asked == []
    assert await store.async_publish([FEES]) == 0
    assert await found(store, "acme", "loan months") == ["fees"]


async def test_what_one_store_writes_another_one_sees_at_once(tmp_path: Path) -> None:
    writer, reader = a_store(tmp_path), a_store(tmp_path)
    assert await found(reader, "acme") == []

    await writer.async_add("acme", [FEES])
    assert await found(reader, "acme") == ["fees"]
    await writer.async_delete("acme", "fees")
    assert await found(reader, "acme") == []


async def test_several_writers_lose_nothing(tmp_path: Path) -> None:
    stores = [a_store(tmp_path) for _ in range(3)]
    documents = [FEES.model_copy(update={"id": f"fees-{number}"}) for number in range(6)]

    await asyncio.gather(
        *(stores[n % 3].async_add("acme", [document]) for n, document in enumerate(documents))
    )

    summaries = await stores[0].async_list("acme")
    assert [summary.id for summary in summaries] == [document.id for document in documents]


async def test_documents_that_were_added_later_are_found_by_their_words(
    store: LanceDBStore,
) -> None:
    await store.async_add("acme", [FEES])
    await store.async_add("acme", [LOANS.model_copy(update={"text": "Zanzibar has no branch."})])

    best, *_ = await found(store, "acme", "zanzibar")

    assert best == "loans"


async def test_what_was_found_is_not_embedded_again(tmp_path: Path) -> None:
    await a_store(tmp_path).async_add("acme", [FEES])
    embedder = CountingEmbedder()
    cache = CachedEmbedder(embedder)
    store = LanceDBStore(tmp_path, cache, chunk_tokens=200)

    await store.async_retrieve("acme", "Gold card", limit=5)
    await cache.async_embed(["Gold card", "Fees: The Gold card costs 95 euros."])

    assert embedder.asked == ["Gold card"]


@pytest.mark.parametrize("name", ["", "a" * 513, "nul\0", "\ud800"])
async def test_a_name_that_cannot_be_stored_is_refused(store: LanceDBStore, name: str) -> None:
    with pytest.raises(InvalidInput):
        await store.async_retrieve(name, "fee", limit=1)
    with pytest.raises(InvalidInput):
        await store.async_delete("acme", name)
    with pytest.raises(InvalidInput):
        await store.async_add("acme", [FEES.model_copy(update={"id": name})])


@pytest.mark.parametrize("text", [" \n ", "# Heading", "broken \ud800"])
async def test_a_document_without_readable_text_is_refused(store: LanceDBStore, text: str) -> None:
    with pytest.raises(InvalidInput):
        await store.async_add("acme", [FEES.model_copy(update={"text": text})])


@pytest.mark.parametrize(
    "query", ["", "   ", "'\"\\()[]{}*:^~!", "the of and", "\ud800", "a" * 5000]
)
async def test_any_text_can_be_searched_for(store: LanceDBStore, query: str) -> None:
    await store.async_add("acme", [FEES])

    assert len(await store.async_retrieve("acme", query, limit=3)) <= 1


async def test_a_store_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(BackendFailed):
        await found(a_store(tmp_path / "taken" / "store"), "acme")
