"""What every document store keeps to: LanceDB and PostgreSQL with pgvector."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from genai.embeddings.cached import CachedEmbedder
from genai.embeddings.hashing import HashEmbedder
from genai.errors import BackendFailed, Forbidden, InvalidInput, NotFound
from genai.rag.base import Document
from genai.rag.permissions import SHARED, Reader, Readers
from genai.rag.storage.index import DocumentIndex
from tests.support.postgres_server import find_vector_programs, running

PROGRAMS = find_vector_programs()
FEES = Document(id="fees", title="Fees", text="The Gold card costs 95 euros.", source="fees.md")
LOANS = Document(id="loans", title="Loans", text="A loan runs for 84 months.")
LONG = "\n\n".join(f"## Part {n}\n\nThe Gold card, part {n}." for n in range(5))


class CountingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return await super().async_embed(texts)


class Stores:
    """Opens stores over the same tables."""

    def __init__(self, kind: str, place: str) -> None:
        self.kind = kind
        self.place = place
        self.open = AsyncExitStack()

    def __call__(self, embedder: HashEmbedder | CachedEmbedder | None = None) -> DocumentIndex:
        cache = embedder if isinstance(embedder, CachedEmbedder) else None
        cache = cache or CachedEmbedder(embedder or HashEmbedder())
        if self.kind == "lancedb":
            from genai.rag.storage.lancedb_store import LanceDBStore

            return LanceDBStore(Path(self.place), cache, chunk_tokens=200, kept_versions=3)
        from genai.rag.storage.pgvector import PgVectorStore

        store = PgVectorStore(self.place, cache, chunk_tokens=200, kept_versions=3)
        self.open.push_async_callback(store.async_close)
        return store


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    pytest.importorskip("asyncpg")
    if PROGRAMS is None:
        pytest.skip("there is no PostgreSQL with pgvector here")
    with running(PROGRAMS) as url:
        yield url


@pytest.fixture(params=["lancedb", "pgvector"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    pytest.importorskip("lancedb")
    place = str(tmp_path)
    if request.param == "pgvector":
        place = await emptied(request.getfixturevalue("server"))
    made = Stores(request.param, place)
    async with made.open:
        yield made


async def emptied(url: str) -> str:
    import asyncpg

    connection = await asyncpg.connect(url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    return url


@pytest.fixture
def store(stores: Stores) -> DocumentIndex:
    return stores()


async def found(store: DocumentIndex, tenant: str, query: str = "Gold card") -> list[str]:
    return await found_by(store, Reader(tenant=tenant), query)


async def found_by(store: DocumentIndex, reader: Reader, query: str = "Gold card") -> list[str]:
    passages = await store.async_retrieve(reader, query, limit=10)
    return sorted({passage.document_id for passage in passages})


async def test_a_stored_document_is_found_with_its_exact_text(store: DocumentIndex) -> None:
    await store.async_add("acme", [LOANS, FEES])

    best, *_ = await store.async_retrieve(
        Reader(tenant="acme"), "What does the Gold card cost?", limit=1
    )

    assert (best.document_id, best.title) == ("fees", "Fees")
    assert best.text == FEES.text[best.start : best.end]
    assert 0 < best.score <= 1


async def test_nobody_finds_or_lists_or_deletes_what_another_tenant_stored(
    store: DocumentIndex,
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
    store: DocumentIndex, tenant: str
) -> None:
    await store.async_add("acme", [FEES])

    assert await found(store, tenant) == []
    assert await store.async_delete("acme", tenant) is False
    await store.async_add(tenant, [LOANS])
    assert await found(store, tenant) == ["loans"]
    assert await store.async_delete(tenant, "loans") is True
    assert await found(store, "acme") == ["fees"]


async def test_two_tenants_may_use_the_same_id(store: DocumentIndex) -> None:
    await store.async_add("acme", [FEES])
    await store.async_add("rival", [LOANS.model_copy(update={"id": "fees"})])

    await store.async_delete("rival", "fees")

    assert await found(store, "acme") == ["fees"]


async def test_a_replaced_document_leaves_nothing_behind(store: DocumentIndex) -> None:
    long = "\n\n".join(f"## Part {n}\n\nThe Gold card, part {n}." for n in range(5))
    await store.async_add("acme", [FEES.model_copy(update={"text": long})])

    await store.async_add("acme", [FEES])

    (passage,) = await store.async_retrieve(Reader(tenant="acme"), "Gold card", limit=10)
    assert passage.text == FEES.text
    (summary,) = await store.async_list("acme")
    assert (summary.id, summary.source, summary.passages) == ("fees", "fees.md", 1)


async def test_a_deleted_document_is_gone_at_once(store: DocumentIndex) -> None:
    await store.async_add("acme", [FEES, LOANS])

    assert await store.async_delete("acme", "fees") is True
    assert await store.async_delete("acme", "fees") is False
    assert await found(store, "acme") == ["loans"]


async def test_shared_documents_are_read_by_all_and_written_by_nobody(store: DocumentIndex) -> None:
    await store.async_publish([FEES])

    assert await found(store, "acme") == ["fees"]
    assert await store.async_list("acme") == ()
    with pytest.raises(Forbidden):
        await store.async_add(SHARED, [LOANS])
    with pytest.raises(Forbidden):
        await store.async_delete(SHARED, "fees")


async def test_publishing_again_changes_only_what_differs(stores: Stores) -> None:
    embedder = CountingEmbedder()
    store = stores(embedder)
    assert await store.async_publish([FEES, LOANS]) == 2
    embedder.asked.clear()

    assert await store.async_publish([FEES, LOANS]) == 0
    assert embedder.asked == []
    assert await store.async_publish([FEES]) == 1
    assert await found(store, "acme", "loan months") == ["fees"]


async def test_what_one_store_writes_another_one_sees_at_once(stores: Stores) -> None:
    writer, reader = stores(), stores()
    assert await found(reader, "acme") == []

    await writer.async_add("acme", [FEES])
    assert await found(reader, "acme") == ["fees"]
    await writer.async_delete("acme", "fees")
    assert await found(reader, "acme") == []


async def test_several_writers_lose_nothing(stores: Stores) -> None:
    writers = [stores() for _ in range(3)]
    documents = [FEES.model_copy(update={"id": f"fees-{number}"}) for number in range(6)]

    await asyncio.gather(
        *(writers[n % 3].async_add("acme", [document]) for n, document in enumerate(documents))
    )

    summaries = await writers[0].async_list("acme")
    assert [summary.id for summary in summaries] == [document.id for document in documents]


async def test_documents_that_were_added_later_are_found_by_their_words(
    store: DocumentIndex,
) -> None:
    await store.async_add("acme", [FEES])
    await store.async_add("acme", [LOANS.model_copy(update={"text": "Zanzibar has no branch."})])

    best, *_ = await store.async_retrieve(Reader(tenant="acme"), "zanzibar", limit=2)

    assert best.document_id == "loans"


async def test_what_was_found_is_not_embedded_again(stores: Stores) -> None:
    await stores().async_add("acme", [FEES])
    embedder = CountingEmbedder()
    cache = CachedEmbedder(embedder)
    store = stores(cache)

    await store.async_retrieve(Reader(tenant="acme"), "Gold card", limit=5)
    await cache.async_embed(["Gold card", "Fees: The Gold card costs 95 euros."])

    assert embedder.asked == ["Gold card"]


@pytest.mark.parametrize("name", ["", "a" * 513, "nul\0", "\ud800"])
async def test_a_name_that_cannot_be_stored_is_refused(store: DocumentIndex, name: str) -> None:
    with pytest.raises(InvalidInput):
        await store.async_retrieve(Reader(tenant=name), "fee", limit=1)
    with pytest.raises(InvalidInput):
        await store.async_delete("acme", name)
    with pytest.raises(InvalidInput):
        await store.async_add("acme", [FEES.model_copy(update={"id": name})])


@pytest.mark.parametrize("text", [" \n ", "# Heading", "broken \ud800"])
async def test_a_document_without_readable_text_is_refused(store: DocumentIndex, text: str) -> None:
    with pytest.raises(InvalidInput):
        await store.async_add("acme", [FEES.model_copy(update={"text": text})])


@pytest.mark.parametrize(
    "query", ["", "   ", "'\"\\()[]{}*:^~!", "the of and", "\ud800", "a" * 5000]
)
async def test_any_text_can_be_searched_for(store: DocumentIndex, query: str) -> None:
    await store.async_add("acme", [FEES])

    assert len(await store.async_retrieve(Reader(tenant="acme"), query, limit=3)) <= 1


async def test_a_store_that_cannot_be_used_says_so(stores: Stores, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    places = {"lancedb": str(tmp_path / "taken"), "pgvector": "postgresql://x@127.0.0.1:1/x"}

    with pytest.raises(BackendFailed):
        await found(Stores(stores.kind, places[stores.kind])(), "acme")


# -- permissions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        (Reader(tenant="acme"), []),
        (Reader(tenant="acme", user="ann"), ["ann"]),
        (Reader(tenant="acme", user="hr"), []),
        (Reader(tenant="acme", groups=("hr", "it")), ["hr"]),
        (Reader(tenant="acme", roles=("admin",)), ["admin"]),
        (Reader(tenant="acme", user="ann", roles=("admin",)), ["admin", "ann"]),
        (Reader(tenant="rival", user="ann", groups=("hr",), roles=("admin",)), []),
        (Reader(tenant="", user="ann"), None),
    ],
)
async def test_only_those_find_a_document_whom_it_is_for(
    store: DocumentIndex, reader: Reader, sees: list[str] | None
) -> None:
    await store.async_add(
        "acme",
        [
            FEES.model_copy(update={"id": "hr", "readers": Readers(groups=("hr",))}),
            FEES.model_copy(update={"id": "ann", "readers": Readers(users=("ann",))}),
            FEES.model_copy(update={"id": "admin", "readers": Readers(roles=("admin",))}),
        ],
    )

    if sees is None:
        with pytest.raises(InvalidInput):
            await found_by(store, reader)
    else:
        assert await found_by(store, reader) == sees


async def test_rights_are_asked_before_the_best_are_chosen(store: DocumentIndex) -> None:
    secret = [
        FEES.model_copy(update={"id": f"secret-{n}", "readers": Readers(groups=("board",))})
        for n in range(80)
    ]
    await store.async_add("acme", [*secret, LOANS])

    assert await found(store, "acme") == ["loans"]


async def test_rights_that_change_hold_at_once_and_cost_no_embedding(stores: Stores) -> None:
    embedder = CountingEmbedder()
    store = stores(embedder)
    await store.async_add("acme", [FEES])
    again = stores(embedder)
    embedder.asked.clear()

    await again.async_add("acme", [FEES.model_copy(update={"readers": Readers(users=("ann",))})])

    assert embedder.asked == []
    assert await found(store, "acme") == []
    assert await found_by(store, Reader(tenant="acme", user="ann")) == ["fees"]
    (summary,) = await store.async_list("acme")
    assert summary.readers == Readers(users=("ann",))


async def test_of_many_readers_none_finds_what_is_not_for_them(store: DocumentIndex) -> None:
    chance = random.Random(5)
    tenants, groups = ("acme", "rival"), ("hr", "it", "board")

    def some(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(chance.sample(names, chance.randrange(3)))

    owned: dict[str, tuple[str, Readers]] = {}
    for tenant in tenants:
        documents = []
        for number in range(40):
            readers = Readers(groups=some(groups), users=some(("ann", "bob")))
            name = f"{tenant}-{number}"
            owned[name] = (tenant, readers)
            documents.append(FEES.model_copy(update={"id": name, "readers": readers}))
        await store.async_add(tenant, documents)
    seen = 0
    for _ in range(150):
        reader = Reader(
            tenant=chance.choice(tenants),
            user=chance.choice(("ann", "bob", "")),
            groups=some(groups),
        )
        passages = await store.async_retrieve(reader, "Gold card", limit=60)
        for passage in passages:
            tenant, readers = owned[passage.document_id]
            named = reader.user in readers.users or set(reader.groups) & set(readers.groups)
            assert tenant == reader.tenant
            assert named or not (readers.users or readers.groups)
        seen += len(passages)
    assert seen > 1_000


# -- versions --------------------------------------------------------------------------------------


async def test_of_a_changed_document_only_the_changed_passages_are_embedded(
    stores: Stores,
) -> None:
    embedder = CountingEmbedder()
    await stores(embedder).async_add("acme", [FEES.model_copy(update={"text": LONG})])
    embedder.asked.clear()

    changed = LONG.replace("card, part 3", "card, another part 3")
    await stores(embedder).async_add("acme", [FEES.model_copy(update={"text": changed})])

    assert embedder.asked
    assert all("Part 3" in text for text in embedder.asked)


async def test_what_is_stored_already_makes_no_new_version(store: DocumentIndex) -> None:
    await store.async_add("acme", [FEES])
    await store.async_add("acme", [FEES])

    assert [version.number for version in await store.async_versions("acme")] == [1]


async def test_a_former_version_can_be_returned_to_and_left_again(store: DocumentIndex) -> None:
    await store.async_add("acme", [FEES])
    await store.async_add("rival", [LOANS])
    await store.async_add(
        "acme", [FEES.model_copy(update={"text": "Silver costs nothing."}), LOANS]
    )

    await store.async_rollback("acme", 1)
    (passage,) = await store.async_retrieve(Reader(tenant="acme"), "Gold card", limit=10)
    assert passage.text == FEES.text
    assert [summary.id for summary in await store.async_list("acme")] == ["fees"]

    await store.async_rollback("acme", 2)
    assert [summary.id for summary in await store.async_list("acme")] == ["fees", "loans"]
    assert await found(store, "rival") == ["loans"]
    assert [version.number for version in await store.async_versions("acme")] == [1, 2, 3, 4]


async def test_only_some_former_versions_are_kept(store: DocumentIndex) -> None:
    for number in range(6):
        await store.async_add("acme", [FEES.model_copy(update={"text": f"Costs {number}."})])

    assert [version.number for version in await store.async_versions("acme")] == [3, 4, 5, 6]
    for gone in (1, 2, 7, -1):
        with pytest.raises(NotFound):
            await store.async_rollback("acme", gone)
    await store.async_rollback("acme", 3)
    (passage,) = await store.async_retrieve(Reader(tenant="acme"), "costs", limit=10)
    assert passage.text == "Costs 2."


async def test_no_former_version_brings_back_what_was_deleted(store: DocumentIndex) -> None:
    await store.async_add("acme", [FEES])
    await store.async_add("acme", [LOANS])
    await store.async_delete("acme", "fees")

    await store.async_rollback("acme", 1)

    assert [version.number for version in await store.async_versions("acme")] == [1, 2, 3, 4]
    assert await store.async_list("acme") == ()
    assert await found(store, "acme") == []


async def test_a_published_set_can_be_taken_back(store: DocumentIndex) -> None:
    await store.async_publish([FEES, LOANS])
    await store.async_publish([FEES])

    await store.async_rollback(SHARED, 1)

    assert await found(store, "acme", "loan months") == ["fees", "loans"]


async def test_a_set_of_one_tenant_is_published_for_it_alone(store: DocumentIndex) -> None:
    told: list[tuple[int, int]] = []
    count = await store.async_publish(
        [FEES, LOANS], tenant="acme", progress=lambda done, of: told.append((done, of))
    )

    assert count == 2
    assert told == [(1, 2), (2, 2)]
    assert await found(store, "acme", "card loan") == ["fees", "loans"]
    assert await found(store, "rival", "card loan") == []


async def test_a_set_of_one_origin_leaves_all_others_alone(store: DocumentIndex) -> None:
    other = LOANS.model_copy(update={"id": "other"})
    await store.async_add("acme", [FEES])
    await store.async_publish([LOANS], tenant="acme", origin="one")
    await store.async_publish([other], tenant="acme", origin="two")
    [*_, full] = await store.async_versions("acme")

    await store.async_publish([], tenant="acme", origin="one")
    assert [summary.id for summary in await store.async_list("acme")] == ["fees", "other"]

    await store.async_rollback("acme", full.number)
    await store.async_publish([], tenant="acme", origin="two")
    assert [summary.id for summary in await store.async_list("acme")] == ["fees", "loans"]


async def test_a_store_of_former_days_goes_on(stores: Stores) -> None:
    """Nothing in it says where a document came from."""
    await stores().async_add("acme", [FEES])
    await stores().async_publish([LOANS])
    await without_origins(stores)

    store = stores()
    assert await found(store, "acme", "Gold card loan months") == ["fees", "loans"]
    await store.async_publish([LOANS], tenant="acme", origin="folder")
    await store.async_publish([], tenant="acme", origin="folder")
    await store.async_publish([FEES])

    assert [summary.id for summary in await store.async_list("acme")] == ["fees"]
    assert [summary.id for summary in await store.async_list(SHARED)] == ["fees"]
    await store.async_rollback(SHARED, 1)
    assert await found(store, "rival", "loan months") == ["loans"]


async def without_origins(stores: Stores) -> None:
    if stores.kind == "lancedb":
        import lancedb

        database = await lancedb.connect_async(stores.place)
        await (await database.open_table("passages_5")).drop_columns(["origin"])
    else:
        import asyncpg

        connection = await asyncpg.connect(stores.place)
        await connection.execute("ALTER TABLE genai_passages_1 DROP COLUMN origin")
        await connection.close()


async def test_what_is_added_while_a_set_is_published_is_not_lost(stores: Stores) -> None:
    added = [FEES.model_copy(update={"id": f"added-{n}"}) for n in range(5)]
    sets = [[FEES, LOANS][: 1 + n % 2] for n in range(5)]

    async def publish() -> None:
        for documents in sets:
            await stores().async_publish(documents, tenant="acme", origin="folder")

    await asyncio.gather(publish(), *(stores().async_add("acme", [one]) for one in added))

    there = [summary.id for summary in await stores().async_list("acme")]
    assert there == [*(document.id for document in added), "fees"]


async def test_readers_never_see_two_versions_at_once(stores: Stores) -> None:
    """Each version says the same number in every document."""

    def version(number: int) -> list[Document]:
        return [
            Document(id=f"d{n}", title="Card", text=f"The card costs {number} euros, says {n}.")
            for n in range(8)
        ]

    writer, reader = stores(), stores()
    await writer.async_publish(version(0), tenant="acme")
    writing = asyncio.create_task(publish_all(writer, [version(n) for n in range(1, 6)]))
    seen = set()
    while not writing.done():
        passages = await reader.async_retrieve(Reader(tenant="acme"), "card costs", limit=30)
        numbers = {passage.text.split()[3] for passage in passages}
        assert len(numbers) == 1
        assert len(passages) == 8
        seen |= numbers
        await asyncio.sleep(0)
    await writing

    assert seen


async def publish_all(store: DocumentIndex, versions: list[list[Document]]) -> None:
    for documents in versions:
        await store.async_publish(documents, tenant="acme")


async def test_two_who_publish_at_once_leave_one_of_both_sets(stores: Stores) -> None:
    sets = [[FEES, LOANS], [FEES, LOANS.model_copy(update={"id": "other"})]]

    await asyncio.gather(*(stores().async_publish(one, tenant="acme") for one in sets))

    assert [summary.id for summary in await stores().async_list("acme")] in (
        ["fees", "loans"],
        ["fees", "other"],
    )


async def test_a_replaced_document_keeps_its_readers_where_that_is_asked_for(
    store: DocumentIndex,
) -> None:
    restricted = FEES.model_copy(update={"readers": Readers(groups=("hr",))})
    await store.async_add("acme", [restricted])

    await store.async_add(
        "acme", [FEES.model_copy(update={"title": "New"}), LOANS], keep_readers=True
    )

    fees, loans = await store.async_list("acme")
    assert (fees.title, fees.readers) == ("New", restricted.readers)
    assert loans.readers == Readers()
    assert await found(store, "acme") == ["loans"]
    await store.async_add("acme", [FEES])
    assert await found(store, "acme") == ["fees", "loans"]


async def test_a_forgotten_reader_finds_nothing_and_nobody_finds_more(store: DocumentIndex) -> None:
    lists = {"own": ("ann",), "both": ("ann", "bob"), "other": ("bob",)}
    restricted = [
        FEES.model_copy(update={"id": name, "readers": Readers(users=users)})
        for name, users in lists.items()
    ]
    await store.async_add("acme", restricted)
    await store.async_add("rival", restricted)

    assert await store.async_forget_reader("acme", "ann") == 2

    assert await found_by(store, Reader(tenant="acme", user="ann")) == []
    assert await found_by(store, Reader(tenant="acme", user="bob")) == ["both", "other"]
    assert await found(store, "acme") == []
    assert await found_by(store, Reader(tenant="rival", user="ann")) == ["both", "own"]
    assert await store.async_forget_reader("acme", "ann") == 0


async def test_a_forgotten_reader_does_not_come_back_with_a_former_version(
    store: DocumentIndex,
) -> None:
    await store.async_add("acme", [FEES.model_copy(update={"readers": Readers(users=("ann",))})])
    await store.async_add("acme", [FEES.model_copy(update={"readers": Readers(users=("bob",))})])

    await store.async_forget_reader("acme", "ann")
    await store.async_rollback("acme", 1)

    assert await found_by(store, Reader(tenant="acme", user="ann")) == []
    assert await found(store, "acme") == []


async def test_a_document_may_be_given_to_a_new_person_of_a_forgotten_name(
    store: DocumentIndex,
) -> None:
    for_ann = FEES.model_copy(update={"readers": Readers(users=("ann",))})
    await store.async_add("acme", [for_ann])
    await store.async_forget_reader("acme", "ann")

    await store.async_add("acme", [for_ann])

    assert await found_by(store, Reader(tenant="acme", user="ann")) == ["fees"]
