"""Storage in PostgreSQL with pgvector, for services on several machines.

Both searches use one snapshot, and filter by the reader's permissions. If too few of the vector index's
results pass the filter, all permitted rows are compared: nothing is missed because other people's passages
are closer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import numpy as np

from genai.embeddings.cached import CachedEmbedder
from genai.errors import BackendFailed, NotFound
from genai.rag.base import IndexVersion
from genai.rag.storage.index import DocumentIndex
from genai.rag.storage.table import (
    CANDIDATES,
    LIVE,
    Change,
    FoundRow,
    PassageRow,
    Relabel,
    StoredDocument,
)

_CONNECT_S = 5.0
_COMMAND_S = 60.0
_CONNECTIONS = 8

_SETUP = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS genai_passages_1 (
    tenant text NOT NULL, document_id text NOT NULL, number int NOT NULL, way int NOT NULL,
    since bigint NOT NULL, until bigint NOT NULL,
    title text NOT NULL, source text NOT NULL, readers text NOT NULL, fingerprint text NOT NULL,
    passages int NOT NULL, content text NOT NULL, scopes text[] NOT NULL, all_scopes text[] NOT NULL,
    searchable tsvector NOT NULL, passage text NOT NULL, vector vector({dimensions}) NOT NULL,
    vectors bytea NOT NULL,
    PRIMARY KEY (tenant, document_id, number, way, since)
);
DO $$ BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = 'genai_passages_1'::regclass AND attname = 'origin'
    ) THEN ALTER TABLE genai_passages_1 ADD COLUMN origin text NOT NULL DEFAULT ''; END IF;
END $$;
CREATE INDEX IF NOT EXISTS genai_passages_1_scopes ON genai_passages_1 USING gin (scopes);
CREATE INDEX IF NOT EXISTS genai_passages_1_words ON genai_passages_1 USING gin (searchable);
CREATE INDEX IF NOT EXISTS genai_passages_1_documents ON genai_passages_1 (tenant, until)
    WHERE passages > 0;
CREATE INDEX IF NOT EXISTS genai_passages_1_near ON genai_passages_1
    USING hnsw (vector vector_ip_ops);
CREATE TABLE IF NOT EXISTS genai_versions_1 (
    tenant text NOT NULL, number bigint NOT NULL, at double precision NOT NULL,
    PRIMARY KEY (tenant, number)
);
"""

_BY_WORDS = f"""
WITH asked AS (
    SELECT replace(plainto_tsquery('english', $2)::text, '&', '|')::tsquery AS words
)
SELECT passage, vectors FROM genai_passages_1, asked
 WHERE scopes && $1::text[] AND searchable @@ asked.words
 ORDER BY ts_rank_cd(searchable, asked.words) DESC LIMIT {CANDIDATES}
"""  # noqa: S608  (only numbers of ours)
_NEAR = f"""
SELECT passage, vectors FROM genai_passages_1 WHERE scopes && $1::text[]
 ORDER BY vector <#> $2::text::vector LIMIT {CANDIDATES}
"""  # noqa: S608
_NEAR_OF_ALL = f"""
WITH allowed AS MATERIALIZED (
    SELECT passage, vectors, vector FROM genai_passages_1 WHERE scopes && $1::text[]
)
SELECT passage, vectors FROM allowed ORDER BY vector <#> $2::text::vector LIMIT {CANDIDATES}
"""  # noqa: S608

_DOCUMENTS = """
SELECT document_id, title, source, readers, fingerprint, passages, origin FROM genai_passages_1
 WHERE tenant = $1 AND until = $2 AND passages > 0 AND ($3::text[] IS NULL OR document_id = ANY($3))
"""
_VECTORS = """
SELECT DISTINCT ON (content) content, vectors FROM genai_passages_1
 WHERE tenant = $1 AND document_id = ANY($2)
"""
_END = """
UPDATE genai_passages_1 SET until = $3, scopes = '{}'
 WHERE tenant = $1 AND until = $2 AND ($4::text[] IS NULL OR document_id = ANY($4))
"""
_RELABEL = """
UPDATE genai_passages_1
   SET readers = $3, fingerprint = '', all_scopes = $4::text[],
       scopes = CASE WHEN until = $5 THEN $4::text[] ELSE '{}' END
 WHERE tenant = $1 AND readers = $2 RETURNING document_id
"""
_INSERT = """
INSERT INTO genai_passages_1 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13,
    to_tsvector('english', $14), $15, $16::text::vector, $17, $18)
"""
_REVIVE = """
INSERT INTO genai_passages_1
SELECT tenant, document_id, number, way, $4, $2, title, source, readers, fingerprint, passages,
       content, all_scopes, all_scopes, searchable, passage, vector, vectors, origin
  FROM genai_passages_1 WHERE tenant = $1 AND since <= $3 AND until > $3 AND since < $4
"""
_VERSIONS = "SELECT number, at FROM genai_versions_1 WHERE tenant = $1 ORDER BY number"


class PgVectorStore(DocumentIndex):
    """A document store in a database. Connects on first use."""

    def __init__(
        self, url: str, embedder: CachedEmbedder, *, chunk_tokens: int, kept_versions: int = 5
    ) -> None:
        table = PgVectorTable(url, embedder.dimensions, kept_versions=kept_versions)
        super().__init__(table, embedder, chunk_tokens=chunk_tokens)
        self._connections = table

    async def async_close(self) -> None:
        await self._connections.async_close()


class PgVectorTable:
    """A `PassageTable` in a database. Creates missing tables."""

    def __init__(
        self,
        url: str,
        dimensions: int,
        *,
        kept_versions: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._dimensions = dimensions
        self._kept = kept_versions
        self._clock = clock
        self._opening = asyncio.Lock()
        self._pool: Any = None

    async def async_close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    # -- reading ---------------------------------------------------------------------------------

    async def async_search(
        self, scopes: Sequence[str], words: str, vector: Awaitable[np.ndarray]
    ) -> list[FoundRow]:
        allowed = list(scopes)
        near_to = _text(await vector)  # before a connection is taken, which others may need
        async with self._transaction(readonly=True) as connection:
            await connection.execute(_SEARCHING)
            near = await connection.fetch(_NEAR, allowed, near_to)
            if len(near) < CANDIDATES:
                near = await connection.fetch(_NEAR_OF_ALL, allowed, near_to)
            found = await connection.fetch(_BY_WORDS, allowed, words.replace("\0", " "))
        return [FoundRow(row["passage"], row["vectors"]) for row in (*near, *found)]

    async def async_documents(
        self, tenant: str, ids: Sequence[str] | None = None
    ) -> list[StoredDocument]:
        async with self._transaction(readonly=True) as connection:
            return await _documents(connection, tenant, ids)

    async def async_vectors(self, tenant: str, ids: Sequence[str]) -> dict[str, bytes]:
        async with self._transaction(readonly=True) as connection:
            rows = await connection.fetch(_VECTORS, tenant, list(ids))
        return {row["content"]: row["vectors"] for row in rows}

    async def async_versions(self, tenant: str) -> tuple[IndexVersion, ...]:
        async with self._transaction(readonly=True) as connection:
            rows = await connection.fetch(_VERSIONS, tenant)
        return tuple(IndexVersion(number=row["number"], at=row["at"]) for row in rows)

    async def async_readers(self, tenant: str) -> set[str]:
        listed = "SELECT DISTINCT readers FROM genai_passages_1 WHERE tenant = $1 AND passages > 0"
        async with self._transaction(readonly=True) as connection:
            return {row["readers"] for row in await connection.fetch(listed, tenant)}

    # -- writing ---------------------------------------------------------------------------------

    async def async_commit(self, tenant: str, change: Change) -> None:
        async with self._writing(tenant) as connection:
            ended = change.ended(await _documents(connection, tenant, change.looked_at()))
            number = await self._next_version(connection, tenant)
            await connection.execute(_END, tenant, LIVE, number, ended)
            lines = [_line(tenant, number, row) for row in change.rows]
            await connection.executemany(_INSERT, lines)
            await self._forget(connection, tenant, number - self._kept)

    async def async_rollback(self, tenant: str, number: int) -> None:
        async with self._writing(tenant) as connection:
            kept = [row["number"] for row in await connection.fetch(_VERSIONS, tenant)]
            if number not in kept:
                raise NotFound("no such version is kept")
            following = await self._next_version(connection, tenant)
            await connection.execute(_REVIVE, tenant, LIVE, number, following)
            ended = "UPDATE genai_passages_1 SET until = $2, scopes = '{}'"
            where = " WHERE tenant = $1 AND until = $3 AND since < $2"
            await connection.execute(ended + where, tenant, following, LIVE)
            await self._forget(connection, tenant, following - self._kept)

    async def async_purge(self, tenant: str, document_id: str) -> bool:
        gone = "DELETE FROM genai_passages_1 WHERE tenant = $1 AND document_id = $2"
        async with self._writing(tenant) as connection:
            counted = await _documents(connection, tenant, [document_id])
            if counted:
                await self._next_version(connection, tenant)
            await connection.execute(gone, tenant, document_id)
        return bool(counted)

    async def async_relabel(self, tenant: str, label: Relabel) -> int:
        values = (label.old, label.new, list(label.scopes), LIVE)
        async with self._writing(tenant) as connection:
            rows = await connection.fetch(_RELABEL, tenant, *values)
        return len({row["document_id"] for row in rows})

    async def async_sweep(self) -> None:
        """Does nothing: PostgreSQL vacuums automatically."""

    async def _next_version(self, connection: Any, tenant: str) -> int:
        last = "SELECT coalesce(max(number), 0) FROM genai_versions_1 WHERE tenant = $1"
        number = int(await connection.fetchval(last, tenant)) + 1
        line = "INSERT INTO genai_versions_1 VALUES ($1, $2, $3)"
        await connection.execute(line, tenant, number, self._clock())
        return number

    async def _forget(self, connection: Any, tenant: str, oldest: int) -> None:
        """Deletes rows that ended before the oldest version that is kept."""
        versions = "DELETE FROM genai_versions_1 WHERE tenant = $1 AND number < $2"
        await connection.execute(versions, tenant, oldest)
        passages = "DELETE FROM genai_passages_1 WHERE tenant = $1 AND until <= $2"
        await connection.execute(passages, tenant, oldest)

    # -- connecting ------------------------------------------------------------------------------

    @asynccontextmanager
    async def _writing(self, tenant: str) -> AsyncIterator[Any]:
        """Allows one writer per tenant at a time."""
        async with self._transaction(readonly=False) as connection:
            lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 5))"
            await connection.execute(lock, tenant)
            yield connection

    @asynccontextmanager
    async def _transaction(self, *, readonly: bool) -> AsyncIterator[Any]:
        isolation = "repeatable_read" if readonly else "read_committed"
        try:
            pool = await self._opened()
            async with (
                pool.acquire(timeout=_CONNECT_S) as connection,
                connection.transaction(isolation=isolation, readonly=readonly),
            ):
                yield connection
        except (
            OSError,
            TimeoutError,
            ValueError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
        ) as error:
            raise BackendFailed("the document store failed") from error

    async def _opened(self) -> Any:
        async with self._opening:
            if self._pool is None:
                pool = await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=_CONNECTIONS,
                    timeout=_CONNECT_S,
                    command_timeout=_COMMAND_S,
                    server_settings={"application_name": "genai-documents"},
                )
                async with pool.acquire() as connection, connection.transaction():
                    await connection.execute("SELECT pg_advisory_xact_lock(5, 1)")
                    await connection.execute(_SETUP.format(dimensions=self._dimensions))
                self._pool = pool
        return self._pool


_SEARCHING = "SET LOCAL hnsw.ef_search = 100; SET LOCAL hnsw.iterative_scan = strict_order"
"""Lets the index scan continue if too few rows pass the filter (pgvector 0.8)."""


async def _documents(
    connection: Any, tenant: str, ids: Sequence[str] | None
) -> list[StoredDocument]:
    wanted = None if ids is None else list(ids)
    rows = await connection.fetch(_DOCUMENTS, tenant, LIVE, wanted)
    return [StoredDocument(*row.values()) for row in rows]


def _line(tenant: str, number: int, row: PassageRow) -> tuple[Any, ...]:
    return (
        tenant,
        row.document_id,
        row.number,
        row.way,
        number,
        LIVE,
        row.title,
        row.source,
        row.readers,
        row.fingerprint,
        row.passages,
        row.content,
        list(row.scopes),
        row.searchable,
        row.passage,
        _text(row.vector),
        row.vectors,
        row.origin,
    )


def _text(vector: Sequence[float] | np.ndarray) -> str:
    return f"[{','.join(f'{value:.7g}' for value in vector)}]"
