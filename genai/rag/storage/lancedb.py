"""Storage in LanceDB: vector and full-text search over one table on disk. The home of lancedb.

Several processes may read while one writes: each search uses the newest version of the table at its
start. Writers exclude each other by a lock file.
"""

import asyncio
import fcntl
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.expr import Expr, col, lit
from lancedb.index import FTS, Bitmap, BTree, IvfFlat, LabelList
from lancedb.query import MatchQuery

from genai.errors import BackendFailed, NotFound
from genai.rag.base import IndexVersion
from genai.rag.storage.remains import Remains
from genai.rag.storage.table import (
    CANDIDATES,
    LIVE,
    Change,
    FoundRow,
    PassageRow,
    Relabel,
    StoredDocument,
)

_TABLE = "passages_5"
"""Ends with the version of the schema: another schema uses another table."""

_LATEST = "origin"
"""A column that older tables lack; it is added, empty, when they are opened."""

_VERSIONS = "versions_1"

_INDEXED_FROM = 4_000
"""Number of passages from which a vector index is faster than comparing all."""

_FEW = 500
_SHARE = 20
"""At most this many rows, or one in this many, may be missing from the indices."""

_MANY_PARTS = 64
"""Number of files above which the table is compacted."""

_NEAR = IvfFlat(distance_type="dot", target_partition_size=1_024, sample_rate=64, max_iterations=20)
"""Small partitions, because a search reads twenty of them completely."""

_ABOUT = ("document_id", "title", "source", "readers", "fingerprint", "passages", "origin")


class LanceDBTable:
    """A `PassageTable` in a folder, opened or created on first use."""

    def __init__(
        self,
        folder: Path,
        dimensions: int,
        *,
        kept_versions: int,
        remains: Remains | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._remains = remains or Remains(folder)
        self._keep = timedelta(seconds=self._remains.kept_s)
        self._dimensions = dimensions
        self._kept = kept_versions
        self._clock = clock
        self._opening = asyncio.Lock()
        self._database: Any = None
        self._opened: Any = None
        self._versions: Any = None
        self._snapshot: tuple[int, Any] = (-1, None)

    # -- reading ---------------------------------------------------------------------------------

    async def async_search(
        self, scopes: Sequence[str], words: str, vector: Awaitable[np.ndarray]
    ) -> list[FoundRow]:
        """Runs the full-text search while the query is embedded."""
        with _backend_errors():
            table = await self._newest()
            allowed = _any_of(scopes)

            async def search_near() -> list[dict[str, Any]]:
                search = table.query().nearest_to(await vector).distance_type("dot")
                # Where rights leave too little of the nearest parts, all the others are searched.
                search = search.where(allowed).minimum_nprobes(20).maximum_nprobes(0)
                return await _best(search, "_distance")

            by_words = table.query().nearest_to_text(MatchQuery(words, "searchable"))
            found, near = await asyncio.gather(
                _best(by_words.where(allowed), "_score"), search_near()
            )
        return [FoundRow(row["passage"], row["vectors"]) for row in (*near, *found)]

    async def async_documents(
        self, tenant: str, ids: Sequence[str] | None = None
    ) -> list[StoredDocument]:
        with _backend_errors():
            return await _documents(await self._table(), tenant, ids)

    async def async_vectors(self, tenant: str, ids: Sequence[str]) -> dict[str, bytes]:
        """Includes former versions, so that a rollback embeds nothing again."""
        wanted = _owned(tenant) & col("document_id").isin(list(ids))
        with _backend_errors():
            table = await self._table()
            query = table.query().where(wanted).select(["content", "vectors"])
            return {row["content"]: row["vectors"] for row in await query.to_list()}

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        with _backend_errors():
            await self._table()
            rows = await self._versions.query().where(_owned(tenant)).to_list()
        found = [IndexVersion(number=row["number"], at=row["at"]) for row in rows]
        return tuple(sorted(found, key=lambda version: version.number))

    async def async_readers(self, tenant: str) -> set[str]:
        first = _owned(tenant) & (col("passages") > lit(0))
        with _backend_errors():
            table = await self._table()
            rows = await table.query().where(first).select(["readers"]).to_list()
        return {row["readers"] for row in rows}

    # -- writing ---------------------------------------------------------------------------------

    async def async_commit(self, tenant: str, change: Change) -> None:
        with _backend_errors():
            async with self._writing() as table:
                stored = await _documents(table, tenant, change.looked_at())
                ended = change.ended(stored)
                number = await self._next_version(tenant)
                fresh = self._arrow(
                    [self._written(tenant, number, _fields(row)) for row in change.rows]
                )
                old = [] if not ended else await _rows(table, _live(tenant, ended))
                await self._replace(table, tenant, number, fresh, old)

    async def async_rollback(self, tenant: str, number: int) -> None:
        versions = [version.number for version in await self.async_versions(tenant)]
        if number not in versions:
            raise NotFound("no such version is kept")
        then = (col("since") <= lit(number)) & (col("until") > lit(number))
        with _backend_errors():
            async with self._writing() as table:
                following = await self._next_version(tenant)
                former = await _rows(table, _owned(tenant) & then)
                revived = self._arrow([self._written(tenant, following, row) for row in former])
                old = await _rows(table, _owned(tenant) & (col("until") == lit(LIVE)))
                await self._replace(table, tenant, following, revived, old)

    async def async_purge(self, tenant: str, document_id: str) -> bool:
        whole = _owned(tenant) & (col("document_id") == lit(document_id))
        with _backend_errors():
            async with self._writing() as table:
                if not await table.query().where(whole).select(["key"]).limit(1).to_list():
                    return False
                counted = await _documents(table, tenant, [document_id])
                if counted:
                    await self._next_version(tenant)
                self._remains.add()
                await table.delete(whole)
                await _tidy(table, self._keep)
        return bool(counted)

    async def async_relabel(self, tenant: str, label: Relabel) -> int:
        labelled = _owned(tenant) & (col("readers") == lit(label.old))
        scopes = list(label.scopes)
        with _backend_errors():
            async with self._writing() as table:
                rows = await _rows(table, labelled)
                changed = [
                    {
                        **row,
                        "readers": label.new,
                        "fingerprint": "",
                        "scopes": scopes if row["until"] == LIVE else [],
                        "all_scopes": scopes,
                    }
                    for row in rows
                ]
                self._remains.add()
                merge = table.merge_insert("key").when_matched_update_all()
                await merge.execute(self._arrow(changed))
                await _tidy(table, self._keep)
        return len({row["document_id"] for row in rows})

    async def async_sweep(self) -> None:
        if not self._remains.any():
            return
        with _backend_errors():
            async with self._writing() as table:
                if self._remains.to_rewrite():
                    await _rewrite(table)
                    self._remains.rewritten()
                if self._remains.to_remove():
                    # Whoever has the lock is alone, so that what belongs to no version is nobody's.
                    await table.optimize(cleanup_older_than=self._keep, delete_unverified=True)
                    self._remains.removed()

    async def _replace(
        self, table: Any, tenant: str, number: int, fresh: pa.Table, old: list[dict[str, Any]]
    ) -> None:
        """In one commit: adds rows, ends others, and deletes those that ended too long ago."""
        ended = self._arrow([{**row, "until": number, "scopes": []} for row in old])
        forgotten = _owned(tenant) & (col("until") <= lit(number - self._kept))
        merge = table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
        merge = merge.when_not_matched_by_source_delete(forgotten)
        await merge.execute(pa.concat_tables([fresh, ended]))
        await _tidy(table, self._keep)

    async def _next_version(self, tenant: str) -> int:
        """Recorded before it is created: an unused version number does no harm."""
        rows = await self._versions.query().where(_owned(tenant)).select(["number"]).to_list()
        number = 1 + max((row["number"] for row in rows), default=0)
        line = {"tenant": tenant, "number": number, "at": self._clock()}
        await self._versions.add([line])
        await self._versions.delete(_owned(tenant) & (col("number") < lit(number - self._kept)))
        return number

    def _written(self, tenant: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
        """A row as it is valid from this version on."""
        readable = row["all_scopes"] if "all_scopes" in row else list(row["scopes"])
        key = json.dumps([tenant, row["document_id"], row["number"], row["way"], number])
        return {
            **row,
            "key": key,
            "tenant": tenant,
            "since": number,
            "until": LIVE,
            "scopes": readable,
            "all_scopes": readable,
        }

    def _arrow(self, rows: Sequence[dict[str, Any]]) -> pa.Table:
        return pa.Table.from_pylist(list(rows), schema=_schema(self._dimensions))

    # -- opening ---------------------------------------------------------------------------------

    async def _table(self) -> Any:
        async with self._opening:
            if self._opened is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                async with self._locked():
                    self._opened = await self._open()
        return self._opened

    async def _open(self) -> Any:
        always = timedelta(0)
        self._database = await lancedb.connect_async(
            str(self._folder), read_consistency_interval=always
        )
        names = (await self._database.list_tables()).tables
        if _VERSIONS not in names:
            await self._database.create_table(_VERSIONS, schema=_VERSION_SCHEMA)
        self._versions = await self._database.open_table(_VERSIONS)
        if _TABLE in names:
            known = await self._database.open_table(_TABLE)
            if _LATEST not in (await known.schema()).names:
                await known.add_columns({_LATEST: "''"})
            return known
        table = await self._database.create_table(_TABLE, schema=_schema(self._dimensions))
        await _index(table)
        return table

    async def _newest(self) -> Any:
        """Opens the newest version of the table, as a snapshot."""
        number = await (await self._table()).version()
        if self._snapshot[0] != number:
            table = await self._database.open_table(_TABLE)
            await table.checkout(number)
            self._snapshot = (number, table)
        return self._snapshot[1]

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Any]:
        table = await self._table()
        async with self._locked():
            yield table

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Allows one writer at a time among the processes of this machine."""
        with (self._folder / "write.lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            yield


def _fields(row: PassageRow) -> dict[str, Any]:
    """Used instead of `asdict`, which would copy each number of a vector."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


async def _best(search: Any, score: str) -> list[dict[str, Any]]:
    columns = ["key", "passage", "vectors", score]
    found: list[dict[str, Any]] = await search.select(columns).limit(CANDIDATES).to_list()
    return found


async def _rows(table: Any, where: Expr) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await table.query().where(where).to_list()
    return found


async def _documents(table: Any, tenant: str, ids: Sequence[str] | None) -> list[StoredDocument]:
    """Summarises documents by their first rows."""
    where = _live(tenant, ids) & (col("passages") > lit(0))
    rows = await table.query().where(where).select(list(_ABOUT)).to_list()
    return [StoredDocument(*(row[name] for name in _ABOUT)) for row in rows]


async def _index(table: Any) -> None:
    await table.create_index("searchable", config=FTS())
    await table.create_index("scopes", config=LabelList())
    await table.create_index("tenant", config=Bitmap())
    await table.create_index("document_id", config=BTree())


async def _rewrite(table: Any) -> None:
    """Rewrites all rows and indices, because the old files keep deleted rows."""
    await table.update(updates_sql={"until": "until"})
    await _index(table)
    if await table.index_stats("vector_idx") is not None:
        await table.create_index("vector", config=_NEAR)


async def _tidy(table: Any, keep: timedelta) -> None:
    """Merges additions into the indices, and deletes unused files.

    This rewrites much of the table, so it waits for enough additions; rows outside the indices are
    searched without them. Each merge adds a partition to the vector index, so the index is rebuilt
    after some merges, less often for larger tables.
    """
    rows, words = await table.count_rows(), await table.index_stats("searchable_idx")
    parts = (await table.stats())["fragment_stats"]["num_fragments"]
    if words.num_unindexed_rows < max(_FEW, rows // _SHARE) and parts < _MANY_PARTS:
        return
    await table.optimize(cleanup_older_than=keep)
    near = await table.index_stats("vector_idx")
    if rows >= _INDEXED_FROM and (near is None or near.num_indices > 8 + rows // 10_000):
        await table.create_index("vector", config=_NEAR)


def _schema(dimensions: int) -> pa.Schema:
    texts = ("key", "tenant", "document_id", "title", "source", "readers", "fingerprint", "content")
    return pa.schema(
        [
            *((name, pa.string()) for name in (*texts, "searchable", "passage")),
            *((name, pa.int64()) for name in ("since", "until", "number", "way", "passages")),
            *((name, pa.list_(pa.string())) for name in ("scopes", "all_scopes")),
            ("vector", pa.list_(pa.float32(), dimensions)),
            ("vectors", pa.binary()),
            (_LATEST, pa.string()),
        ]
    )


_VERSION_SCHEMA = pa.schema([("tenant", pa.string()), ("number", pa.int64()), ("at", pa.float64())])


def _owned(tenant: str) -> Expr:
    """Filters by tenant and id. Values are passed as literals, never as filter text."""
    return col("tenant") == lit(tenant)


def _live(tenant: str, ids: Sequence[str] | None) -> Expr:
    live = _owned(tenant) & (col("until") == lit(LIVE))
    return live if ids is None else live & col("document_id").isin(list(ids))


def _any_of(scopes: Sequence[str]) -> str:
    """Filters by scopes as text, because there are no list literals; safe because scopes are
    hexadecimal.
    """
    assert all(set(scope) <= set("0123456789abcdef") for scope in scopes)
    listed = ", ".join(f"'{scope}'" for scope in scopes)
    return f"array_has_any(scopes, [{listed}])"


@contextmanager
def _backend_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError, pa.ArrowException) as error:
        raise BackendFailed("the document store failed") from error
