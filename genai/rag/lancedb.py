"""Documents in LanceDB, on disk: vector and full-text search over one table. The home of lancedb.

Several processes may read while one writes: every read sees the newest version of the table, and
writers wait for each other on a lock file.
"""

import asyncio
import fcntl
import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.expr import Expr, col, lit
from lancedb.index import FTS, Bitmap, IvfFlat
from lancedb.query import MatchQuery

from genai.embeddings.cached import CachedEmbedder
from genai.errors import BackendFailed, Forbidden, InvalidInput
from genai.messages import Passage
from genai.rag.base import Document, DocumentSummary
from genai.rag.chunking import chunk, findable
from genai.rag.ranking import Fit, fitted
from genai.rag.vectors import embed_passages, finder, pack, recall, unpack
from genai.rag.words import content_words, covered, shared, word_weights

SHARED = "_shared"
"""The tenant whose documents everybody reads, and nobody writes but `async_publish`."""

_TABLE = "passages_4"
"""Ends with the number of its layout: another layout is another table."""

_CANDIDATES = 30
"""How many rows each of the two searches contributes; several may lead to one passage."""

_REMEMBERED = 60
"""The vectors of so many of the best passages are kept at hand, for whoever picks from them."""

_INDEXED_FROM = 4_000
"""So many passages are searched faster with a vector index; fewer are all compared."""

_KEEP_VERSIONS = timedelta(minutes=10)
"""Readers may still use an older version of the table for as long as this."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class LanceDBStore:
    """A `Retriever` and a `DocumentStore`. Opens or makes its table when it is first used."""

    def __init__(self, folder: Path, embedder: CachedEmbedder, *, chunk_tokens: int) -> None:
        self._folder = folder
        self._embedder = embedder
        self._chunk_tokens = chunk_tokens
        self._opening = asyncio.Lock()
        self._opened: Any = None

    async def async_retrieve(self, tenant: str, query: str, *, limit: int) -> tuple[Passage, ...]:
        scope = col("tenant").isin([_checked(tenant), SHARED])
        with _backend_errors():
            found = await self._search(scope, query.encode("utf-8", "replace").decode())
        found.sort(key=lambda pair: pair[0].score, reverse=True)
        for fit, vectors in found[: min(limit, _REMEMBERED)]:
            recall(self._embedder, fit.passage, vectors)
        return tuple(
            fit.passage.model_copy(update={"score": round(fit.score, 4)})
            for fit, _ in found[:limit]
        )

    async def async_add(self, tenant: str, documents: Sequence[Document]) -> None:
        """Raises `InvalidInput` for a document without text."""
        await self._add(_writable(tenant), documents)

    async def async_publish(self, documents: Sequence[Document]) -> int:
        """Make these the shared documents, and no others; says how many were new or different."""
        kept = {document.id for document in documents}
        for summary in await self.async_list(SHARED):
            if summary.id not in kept:
                await self._delete(SHARED, summary.id)
        return await self._add(SHARED, documents)

    async def async_list(self, tenant: str) -> tuple[DocumentSummary, ...]:
        columns = ["document_id", "title", "source"]
        found = Counter[tuple[str, ...]]()
        for row in await self._rows_of(_checked(tenant), [*columns, "passages"]):
            found[tuple(row[name] for name in columns)] += row["passages"]
        return tuple(
            DocumentSummary(id=key[0], title=key[1], source=key[2], passages=count)
            for key, count in sorted(found.items())
        )

    async def async_delete(self, tenant: str, document_id: str) -> bool:
        return await self._delete(_writable(tenant), _checked(document_id))

    # -- reading ---------------------------------------------------------------------------------

    async def _search(self, scope: Expr, query: str) -> list[tuple[Fit, np.ndarray]]:
        """What the two searches find, with its vectors.

        The full-text search runs while the query is embedded.
        """
        table = await self._table()

        async def search_near() -> tuple[np.ndarray, list[dict[str, Any]]]:
            vector = np.asarray((await self._embedder.async_embed([query]))[0], dtype=np.float32)
            search = table.query().nearest_to(vector).distance_type("dot").where(scope)
            return vector, await _best(search, "_distance")

        by_words = table.query().nearest_to_text(MatchQuery(query, "searchable")).where(scope)
        found, (vector, near) = await asyncio.gather(_best(by_words, "_score"), search_near())
        rows = {row["passage"]: row for row in (*near, *found)}.values()
        passages = [Passage.model_validate_json(row["passage"]) for row in rows]
        words = [content_words(findable(passage)) for passage in passages]
        asked = content_words(query)
        weights = word_weights(asked, words)
        shares = [(covered(weights, here), shared(asked, here)) for here in words]
        vectors = [unpack(row["vectors"], len(vector)) for row in rows]
        return [
            (fitted(passage, (own @ vector).tolist(), *share), own)
            for passage, own, share in zip(passages, vectors, shares, strict=True)
        ]

    async def _rows_of(self, tenant: str, columns: list[str]) -> list[dict[str, Any]]:
        with _backend_errors():
            table = await self._table()
            rows: list[dict[str, Any]] = (
                await table.query().where(_owned(tenant)).select(columns).to_list()
            )
        return rows

    # -- writing ---------------------------------------------------------------------------------

    async def _add(self, tenant: str, documents: Sequence[Document]) -> int:
        fresh = await self._fresh(tenant, documents)
        if not fresh:
            return 0
        rows = [await self._rows(tenant, document) for document in fresh]
        stale = _owned(tenant) & col("document_id").isin([document.id for document in fresh])
        with _backend_errors():
            table = await self._table()
            async with self._writing():
                await _replace(table, stale, pa.concat_tables(rows))
                await _tidy(table)
        return len(fresh)

    async def _fresh(self, tenant: str, documents: Sequence[Document]) -> list[Document]:
        """The documents that are not stored just so already."""
        rows = await self._rows_of(tenant, ["document_id", "fingerprint"])
        stored = {row["document_id"]: row["fingerprint"] for row in rows}
        by_id = {_storable(document).id: document for document in documents}
        return [d for d in by_id.values() if stored.get(d.id) != self._fingerprint(d)]

    async def _delete(self, tenant: str, document_id: str) -> bool:
        with _backend_errors():
            table = await self._table()
            async with self._writing():
                result = await table.delete(
                    _owned(tenant) & (col("document_id") == lit(document_id))
                )
                await table.optimize(cleanup_older_than=_KEEP_VERSIONS)
        return bool(result.num_deleted_rows)

    async def _rows(self, tenant: str, document: Document) -> pa.Table:
        passages = chunk(document, max_tokens=self._chunk_tokens)
        if not passages:
            raise InvalidInput("the document has no text", "text")
        embedded = await embed_passages(self._embedder, passages)
        about = {
            "tenant": tenant,
            "document_id": document.id,
            "title": document.title,
            "source": document.source,
            "fingerprint": self._fingerprint(document),
        }
        rows = [
            {
                "key": json.dumps([tenant, document.id, number, way]),
                "passages": int(way == 0),
                **about,
                "searchable": words,
                "passage": passage.model_dump_json(),
                "vector": vector,
                "vectors": pack(vectors),
            }
            for number, (passage, vectors) in enumerate(zip(passages, embedded, strict=True))
            for way, (words, vector) in enumerate(_ways(passage, vectors))
        ]
        return pa.Table.from_pylist(rows, schema=_schema(self._embedder.dimensions))

    def _fingerprint(self, document: Document) -> str:
        how = (self._embedder.name, self._chunk_tokens)
        return hashlib.sha256(f"{how}{document.model_dump_json()}".encode()).hexdigest()

    async def _table(self) -> Any:
        async with self._opening:
            if self._opened is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                async with self._writing():
                    self._opened = await self._open()
        return self._opened

    async def _open(self) -> Any:
        always = timedelta(0)
        database = await lancedb.connect_async(str(self._folder), read_consistency_interval=always)
        if _TABLE in (await database.list_tables()).tables:
            return await database.open_table(_TABLE)
        table = await database.create_table(_TABLE, schema=_schema(self._embedder.dimensions))
        await table.create_index("searchable", config=FTS())
        await table.create_index("tenant", config=Bitmap())
        return table

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        """One writer at a time, over all processes of this machine."""
        with (self._folder / "write.lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            yield


def _ways(
    passage: Passage, vectors: Sequence[Sequence[float]]
) -> Iterator[tuple[str, Sequence[float]]]:
    """The words and vectors that lead to a passage: its own, and those of each question that it is
    known not to answer, so that none of these is ever overlooked.
    """
    yield findable(passage), finder(passage, vectors)
    first = len(vectors) - len(passage.unanswered)
    yield from zip(passage.unanswered, vectors[first:], strict=True)


async def _best(search: Any, score: str) -> list[dict[str, Any]]:
    columns = ["key", "passage", "vectors", score]
    found: list[dict[str, Any]] = await search.select(columns).limit(_CANDIDATES).to_list()
    return found


async def _replace(table: Any, stale: Expr, rows: pa.Table) -> None:
    """In one commit: nobody ever sees half of a document, or the old one beside the new."""
    merge = table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
    await merge.when_not_matched_by_source_delete(stale).execute(rows)


async def _tidy(table: Any) -> None:
    """Merge what was added into the indices, and drop versions that nobody reads any more.

    Every merge leaves the vector index with one more part to look into, so it is made anew after
    some; the more there are to index, the later.
    """
    await table.optimize(cleanup_older_than=_KEEP_VERSIONS)
    rows, index = await table.count_rows(), await table.index_stats("vector_idx")
    if rows >= _INDEXED_FROM and (index is None or index.num_indices > 8 + rows // 10_000):
        await table.create_index("vector", config=IvfFlat(distance_type="dot"))


def _schema(dimensions: int) -> pa.Schema:
    texts = ("key", "tenant", "document_id", "title", "source", "fingerprint")
    return pa.schema(
        [
            *((name, pa.string()) for name in (*texts, "searchable", "passage")),
            ("passages", pa.int8()),
            ("vector", pa.list_(pa.float32(), dimensions)),
            ("vectors", pa.binary()),
        ]
    )


def _owned(tenant: str) -> Expr:
    """Values go into filters as literals, never as text of a filter."""
    return col("tenant") == lit(tenant)


def _writable(tenant: str) -> str:
    if tenant == SHARED:
        raise Forbidden("the shared documents cannot be changed")
    return _checked(tenant)


def _checked(name: str) -> str:
    """Tenants and ids are any text that can be stored."""
    if not 1 <= len(name) <= 512 or "\0" in name or _SURROGATE.search(name):
        raise InvalidInput("an id must have 1 to 512 characters of valid Unicode", "id")
    return name


def _storable(document: Document) -> Document:
    _checked(document.id)
    if _SURROGATE.search(f"{document.title}{document.source}{document.text}"):
        raise InvalidInput("the document must be valid Unicode", "text")
    return document


@contextmanager
def _backend_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError, pa.ArrowException) as error:
        raise BackendFailed("the document store failed") from error
