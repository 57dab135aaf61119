"""Documents in LanceDB, on disk: vector and full-text search over one table. The home of lancedb.

Several processes may read while one writes: every read sees the newest version of the table, and
writers wait for each other on a lock file.
"""

import asyncio
import fcntl
import hashlib
import json
from array import array
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
from lancedb.index import FTS, Bitmap
from lancedb.query import MatchQuery

from genai.embeddings.cached import CachedEmbedder
from genai.errors import BackendFailed, Forbidden, InvalidInput
from genai.messages import Passage
from genai.rag.base import Document, DocumentSummary
from genai.rag.chunking import chunk, searchable
from genai.rag.ranking import Candidate, fuse
from genai.rag.units import split_units

SHARED = "_shared"
"""The tenant whose documents everybody reads, and nobody writes but `async_publish`."""

_LAYOUT = 1
"""Counts up when stored passages must be made anew although their documents are the same."""

_CANDIDATES = 20
"""How many passages each of the two searches contributes."""

_KEEP_VERSIONS = timedelta(minutes=10)
"""Readers may still use an older version of the table for as long as this."""

_TEXTS = ("document_id", "title", "section", "lead", "text")
_READ = [*_TEXTS, "start", "end", "vector", "units"]


class LanceDBStore:
    """A `Retriever` and a `DocumentStore`. Call `async_open` before anything else."""

    def __init__(self, folder: Path, embedder: CachedEmbedder, *, chunk_tokens: int) -> None:
        self._folder = folder
        self._embedder = embedder
        self._chunk_tokens = chunk_tokens
        self._table: Any = None

    async def async_open(self) -> None:
        """Open the table, or make it. Safe to call twice."""
        if self._table is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            async with self._writing():
                self._table = await self._open_table()

    async def async_retrieve(self, tenant: str, query: str, *, limit: int) -> tuple[Passage, ...]:
        with _backend_errors():
            candidates = await self._candidates(_readable(_checked(tenant)), query)
        best = fuse(candidates)[:limit]
        return tuple(c.passage.model_copy(update={"score": score}) for score, c in best)

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
        with _backend_errors():
            query = self._table.query().where(_owned(_checked(tenant))).select(columns)
            found = Counter(tuple(row.values()) for row in await query.to_list())
        return tuple(
            DocumentSummary(id=key[0], title=key[1], source=key[2], passages=count)
            for key, count in sorted(found.items())
        )

    async def async_delete(self, tenant: str, document_id: str) -> bool:
        return await self._delete(_writable(tenant), _checked(document_id))

    # -- reading ---------------------------------------------------------------------------------

    async def _candidates(self, scope: Expr, query: str) -> list[Candidate]:
        """What the two searches find. The full-text search runs while the query is embedded."""
        words = asyncio.create_task(self._search_words(scope, query))
        try:
            vector = np.asarray((await self._embedder.async_embed([query]))[0], dtype=np.float32)
            near = await self._search_near(scope, vector)
        finally:
            found = await words
        scores = {row["key"]: row["_score"] for row in found}
        rows = {row["key"]: row for row in (*near, *found)}
        return [self._candidate(row, vector, scores.get(key, 0.0)) for key, row in rows.items()]

    async def _search_words(self, scope: Expr, query: str) -> list[dict[str, Any]]:
        search = self._table.query().nearest_to_text(MatchQuery(query, "searchable")).where(scope)
        found: list[dict[str, Any]] = (
            await search.select(["key", *_READ, "_score"]).limit(_CANDIDATES).to_list()
        )
        return found

    async def _search_near(self, scope: Expr, vector: np.ndarray) -> list[dict[str, Any]]:
        search = self._table.query().nearest_to(vector).distance_type("dot").where(scope)
        found: list[dict[str, Any]] = (
            await search.select(["key", *_READ, "_distance"]).limit(_CANDIDATES).to_list()
        )
        return found

    def _candidate(self, row: dict[str, Any], vector: np.ndarray, bm25: float) -> Candidate:
        passage = Passage(
            start=row["start"], end=row["end"], **{name: row[name] for name in _TEXTS}
        )
        units = np.frombuffer(row["units"], dtype=np.float16).astype(np.float32)
        units = units.reshape(-1, len(vector))
        self._embedder.remember(
            (unit.embedded, array("f", stored.tobytes()))
            for unit, stored in zip(split_units(passage), units, strict=False)
        )
        return Candidate(
            passage=passage,
            cosine=float(np.dot(vector, np.asarray(row["vector"], dtype=np.float32))),
            best_unit=float((units @ vector).max(initial=0.0)),
            bm25=bm25,
        )

    # -- writing ---------------------------------------------------------------------------------

    async def _add(self, tenant: str, documents: Sequence[Document]) -> int:
        fresh = await self._fresh(tenant, documents)
        if not fresh:
            return 0
        rows = [await self._rows(tenant, document) for document in fresh]
        ids = [document.id for document in fresh]
        with _backend_errors():
            async with self._writing():
                await self._replace(tenant, ids, pa.concat_tables(rows))
                await self._table.optimize(cleanup_older_than=_KEEP_VERSIONS)
        return len(fresh)

    async def _fresh(self, tenant: str, documents: Sequence[Document]) -> list[Document]:
        """The documents that are not stored just so already."""
        with _backend_errors():
            query = self._table.query().where(_owned(tenant)).select(["document_id", "fingerprint"])
            stored = {row["document_id"]: row["fingerprint"] for row in await query.to_list()}
        by_id = {_checked(document.id): document for document in documents}
        return [d for d in by_id.values() if stored.get(d.id) != self._fingerprint(d)]

    async def _replace(self, tenant: str, ids: list[str], rows: pa.Table) -> None:
        """In one commit: nobody ever sees half of a document, or the old one beside the new."""
        gone = _owned(tenant) & col("document_id").isin(ids)
        merge = self._table.merge_insert("key").when_matched_update_all()
        merge = merge.when_not_matched_insert_all().when_not_matched_by_source_delete(gone)
        await merge.execute(rows)

    async def _delete(self, tenant: str, document_id: str) -> bool:
        with _backend_errors():
            async with self._writing():
                result = await self._table.delete(
                    _owned(tenant) & (col("document_id") == lit(document_id))
                )
        return bool(result.num_deleted_rows)

    async def _rows(self, tenant: str, document: Document) -> pa.Table:
        passages = chunk(document, max_tokens=self._chunk_tokens)
        if not passages:
            raise InvalidInput("the document has no text", "text")
        return pa.Table.from_pylist(
            [
                {
                    "key": json.dumps([tenant, document.id, number]),
                    "tenant": tenant,
                    "source": document.source,
                    "fingerprint": self._fingerprint(document),
                    "start": passage.start,
                    "end": passage.end,
                    "searchable": searchable(passage),
                    **{name: getattr(passage, name) for name in _TEXTS},
                    **vectors,
                }
                for number, (passage, vectors) in enumerate(
                    zip(passages, await self._vectors(passages), strict=True)
                )
            ],
            schema=_schema(self._embedder.dimensions),
        )

    async def _vectors(self, passages: Sequence[Passage]) -> list[dict[str, Any]]:
        """The vector of each passage, and those of its units as half-precision bytes."""
        units = [[unit.embedded for unit in split_units(passage)] for passage in passages]
        texts = [searchable(passage) for passage in passages]
        flat = await self._embedder.async_embed(texts + [text for part in units for text in part])
        position = len(texts)
        found: list[dict[str, Any]] = []
        for number, part in enumerate(units):
            stored = np.asarray(flat[position : position + len(part)], dtype=np.float16)
            found.append({"vector": flat[number], "units": stored.tobytes()})
            position += len(part)
        return found

    def _fingerprint(self, document: Document) -> str:
        how = (_LAYOUT, self._embedder.name, self._chunk_tokens)
        return hashlib.sha256(f"{how}{document.model_dump_json()}".encode()).hexdigest()

    async def _open_table(self) -> Any:
        database = await lancedb.connect_async(
            str(self._folder), read_consistency_interval=timedelta(0)
        )
        if "passages" in await database.table_names():
            return await database.open_table("passages")
        table = await database.create_table("passages", schema=_schema(self._embedder.dimensions))
        await table.create_index("searchable", config=FTS())
        await table.create_index("tenant", config=Bitmap())
        return table

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        """One writer at a time, over all processes of this machine."""
        with (self._folder / "write.lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            yield


def _schema(dimensions: int) -> pa.Schema:
    texts = ("key", "tenant", "source", "fingerprint", "searchable", *_TEXTS)
    return pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("vector", pa.list_(pa.float32(), dimensions)),
            ("units", pa.binary()),
        ]
    )


def _owned(tenant: str) -> Expr:
    """Values go into filters as literals, never as text of a filter."""
    return col("tenant") == lit(tenant)


def _readable(tenant: str) -> Expr:
    return _owned(tenant) | _owned(SHARED)


def _writable(tenant: str) -> str:
    if tenant == SHARED:
        raise Forbidden("the shared documents cannot be changed")
    return _checked(tenant)


def _checked(name: str) -> str:
    """Tenants and ids are any text that can be stored."""
    if not name or len(name) > 512 or "\0" in name or any("\ud800" <= c <= "\udfff" for c in name):
        raise InvalidInput("an id must have 1 to 512 characters of valid Unicode", "id")
    return name


@contextmanager
def _backend_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError, pa.ArrowException) as error:
        raise BackendFailed("the document store failed") from error
