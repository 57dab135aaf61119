"""PostgreSQL for the SQL tool: each query in a read-only transaction on a connection of its own.

A read-only transaction is no sandbox: functions with external effects still run. The guard lists what may
be called; give the login role nothing but SELECT on the tables to read.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import asyncpg

from genai.errors import BackendFailed, InvalidInput
from genai.tools.database import Cell, Column, Rows, Schema, Table

CONNECTIONS: Final = 4
CONNECT_S: Final = 5.0
LOCK_MS: Final = 500
MAX_SAMPLES: Final = 16

COLUMNS: Final = """
SELECT c.relname AS "table", obj_description(c.oid) AS about, a.attname AS "column",
       format_type(a.atttypid, a.atttypmod) AS type, col_description(c.oid, a.attnum) AS comment,
       (SELECT f.relname || '.' || fa.attname
          FROM pg_constraint k
          JOIN pg_class f ON f.oid = k.confrelid
          JOIN pg_attribute fa ON fa.attrelid = f.oid AND fa.attnum = k.confkey[1]
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
         LIMIT 1) AS "references",
       CASE WHEN s.n_distinct BETWEEN 1 AND $1 THEN s.most_common_vals::text::text[] END AS samples
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
                      AND s.attname = a.attname AND format_type(a.atttypid, -1) IN
                          ('text', 'character varying', 'character')
 WHERE c.relkind IN ('r', 'p', 'v', 'm') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
 ORDER BY c.oid, a.attnum
"""


class PostgresDatabase:
    """Each query has its own connection, so no session setting survives.

    ``tables`` are the readable tables; if empty, all in the role's first schema.
    """

    dialect = "postgres"

    def __init__(self, url: str, tables: tuple[str, ...] = ()) -> None:
        self._url = url
        self._tables = tables
        self._schema: Schema | None = None
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def async_schema(self) -> Schema:
        if self._schema is None:
            async with self._reading(CONNECT_S) as connection:
                records = await connection.fetch(COLUMNS, MAX_SAMPLES)
            self._schema = _schema(records).only(self._tables)
        return self._schema

    async def async_select(self, sql: str, *, max_rows: int, timeout_s: float) -> Rows:
        try:
            async with self._reading(timeout_s) as connection:
                # A prepared statement is one statement by protocol; a cursor sends no more rows
                # than are asked for.
                statement = await connection.prepare(sql)
                cursor = await statement.cursor()
                records = await cursor.fetch(max_rows + 1)
                names = tuple(column.name for column in statement.get_attributes())
        except (TimeoutError, asyncpg.QueryCanceledError) as error:
            raise InvalidInput(
                "the query takes too long: ask for less, or filter by a date or an id"
            ) from error
        except (
            asyncpg.DataError,
            asyncpg.SyntaxOrAccessError,
            asyncpg.FeatureNotSupportedError,
            asyncpg.ReadOnlySQLTransactionError,
            asyncpg.LockNotAvailableError,
        ) as error:
            raise InvalidInput(f"the database refuses the query: {error.args[0]}") from error
        rows = tuple(tuple(map(_cell, record.values())) for record in records[:max_rows])
        return Rows(names, rows, cut=len(records) > max_rows)

    @asynccontextmanager
    async def _reading(self, timeout_s: float) -> AsyncIterator[Any]:
        """A connection in a read-only transaction. The deadline includes the wait for a slot."""
        async with asyncio.timeout(timeout_s), self._slots:
            connection = await self._connect(timeout_s)
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    yield connection
            finally:
                connection.terminate()

    async def _connect(self, timeout_s: float) -> Any:
        milliseconds = str(max(1, int(timeout_s * 1000)))
        try:
            return await asyncpg.connect(
                self._url,
                timeout=CONNECT_S,
                statement_cache_size=0,
                server_settings={
                    "application_name": "genai-sql-tool",
                    "default_transaction_read_only": "on",
                    "statement_timeout": milliseconds,
                    "idle_in_transaction_session_timeout": milliseconds,
                    "lock_timeout": str(LOCK_MS),
                },
            )
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise BackendFailed("the database cannot be reached") from error


def _schema(records: list[Any]) -> Schema:
    columns: dict[tuple[str, str], list[Column]] = {}
    for record in records:
        column = Column(
            record["column"],
            record["type"],
            record["comment"] or "",
            record["references"] or "",
            tuple(sorted(record["samples"] or ())),
        )
        columns.setdefault((record["table"], record["about"] or ""), []).append(column)
    return Schema(tuple(Table(name, tuple(all_), about) for (name, about), all_ in columns.items()))


def _cell(value: object) -> Cell:
    match value:
        case None | str() | int() | float():
            return value
        case Decimal():
            return format(value, "f")
        case date() | datetime() | time() | timedelta():
            return str(value)
        case bytes():
            return f"<{len(value)} bytes>"
        case _:
            return str(value)
