"""SQLite for the SQL tool: the file is opened read-only, and an authorizer rejects everything else.

``mode=ro`` alone would still allow a statement to attach, and so create, other files. So the authorizer
checks every table, column and function; sizes of values are limited, and queries stop at the deadline.
"""

import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from genai.errors import BackendFailed, InvalidInput
from genai.tools.database import Cell, Column, Rows, Schema, Table

MAX_VALUE_BYTES: Final = 1_000_000
MAX_SAMPLES: Final = 16
OPCODES_BETWEEN_CHECKS: Final = 2_000

FUNCTIONS: Final = frozenset(
    {
        *("abs", "ceil", "ceiling", "exp", "floor", "ln", "log", "log10", "mod", "pow", "power"),
        *("round", "sign", "sqrt", "coalesce", "ifnull", "iif", "nullif", "typeof"),
        *("avg", "count", "group_concat", "max", "min", "sum", "total"),
        *("cume_dist", "dense_rank", "first_value", "lag", "last_value", "lead", "nth_value"),
        *("ntile", "percent_rank", "rank", "row_number"),
        *("format", "instr", "length", "like", "lower", "ltrim", "printf", "replace", "rtrim"),
        *("substr", "substring", "trim", "upper"),
        *("date", "datetime", "julianday", "strftime", "time", "unixepoch"),
    }
)

DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
COMMENT: Final = re.compile(r"^\s*(\w+)\s.*?--\s*(.+)$")
TABLE_COMMENT: Final = re.compile(r"^\s*CREATE TABLE [^(]*\(\s*--\s*(.+)$", re.IGNORECASE)


class SQLiteDatabase:
    """A database file. Each query has its own connection, so no state survives.

    ``tables`` are the readable tables; if empty, all.
    """

    dialect = "sqlite"

    def __init__(self, path: Path, tables: tuple[str, ...] = ()) -> None:
        self._path = path
        self._tables = tables
        self._schema: Schema | None = None

    async def async_schema(self) -> Schema:
        if self._schema is None:
            self._schema = await asyncio.to_thread(self._read_schema)
        return self._schema

    async def async_select(self, sql: str, *, max_rows: int, timeout_s: float) -> Rows:
        schema = await self.async_schema()
        stop = threading.Event()
        try:
            return await asyncio.to_thread(
                self._select, sql, max_rows, time.monotonic() + timeout_s, stop, schema
            )
        except asyncio.CancelledError:
            stop.set()  # the engine looks at it every few microseconds
            raise

    def _open(self) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise BackendFailed("the database cannot be opened", False) from error

    def _select(
        self, sql: str, max_rows: int, deadline: float, stop: threading.Event, schema: Schema
    ) -> Rows:
        with closing(self._open()) as connection:
            late = _limit(connection, deadline, stop)
            existing = frozenset(name.lower() for name in _all_names(connection))
            connection.set_authorizer(_authorizer(schema, existing))
            try:
                cursor = connection.execute(sql)
                rows = cursor.fetchmany(max_rows + 1)
                names = tuple(name for name, *_ in cursor.description or ())
            except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
                raise _translated(error, late()) from error
        cells = tuple(tuple(map(_cell, row)) for row in rows[:max_rows])
        return Rows(names, cells, cut=len(rows) > max_rows)

    def _read_schema(self) -> Schema:
        try:
            with closing(self._open()) as connection:
                tables = tuple(_read_table(connection, name) for name in _names(connection))
        except sqlite3.Error as error:
            raise BackendFailed("the database cannot be read", False) from error
        return Schema(tables).only(self._tables)


# -- the walls -------------------------------------------------------------------------------------


def _limit(
    connection: sqlite3.Connection, deadline: float, stop: threading.Event
) -> Callable[[], bool]:
    """Limits sizes and time. The result tells whether the time was up."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_VDBE_OP, 25_000)

    def late() -> bool:
        return stop.is_set() or time.monotonic() > deadline

    connection.set_progress_handler(late, OPCODES_BETWEEN_CHECKS)
    return late


Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def _authorizer(schema: Schema, existing: frozenset[str]) -> Authorizer:
    """Allows SELECT, recursion, listed columns and listed functions, and nothing else.

    The engine also asks about names of subqueries, with an empty column; they exist nowhere.
    """
    readable = {
        (table.name.lower(), column.name.lower())
        for table in schema.tables
        for column in table.columns
    } | {(table.name.lower(), "") for table in schema.tables}

    def may_read(table: str, column: str) -> bool:
        if column == "" and table not in existing and not table.startswith(("sqlite_", "pragma_")):
            return True
        return (table, column) in readable

    def authorize(
        action: int, first: str | None, second: str | None, database: str | None, _: str | None
    ) -> int:
        match action:
            case sqlite3.SQLITE_SELECT | sqlite3.SQLITE_RECURSIVE:
                allowed = True
            case sqlite3.SQLITE_READ:
                allowed = may_read((first or "").lower(), (second or "").lower())
            case sqlite3.SQLITE_FUNCTION:
                allowed = (second or "").lower() in FUNCTIONS
            case _:
                allowed = False
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return authorize


def _translated(error: Exception, late: bool) -> InvalidInput:
    if late:
        return InvalidInput("the query takes too long: ask for less, or filter by a date or an id")
    return InvalidInput(f"the database refuses the query: {error}")


def _cell(value: object) -> Cell:
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return value if isinstance(value, (str, int, float)) else None


# -- the schema ------------------------------------------------------------------------------------


def _names(connection: sqlite3.Connection) -> list[str]:
    """Tables and views in order of creation, without internal ones, whose names begin with ``_``."""
    return [name for name in _all_names(connection) if not name.startswith("_")]


def _all_names(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_master"
        " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid"
    )
    return [name for (name,) in found]


def _read_table(connection: sqlite3.Connection, name: str) -> Table:
    (source,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name = ?", (name,)
    ).fetchone()
    comments = _comments(source)
    keys = {
        column: f"{table}.{other}"
        for _, _, table, column, other, *_ in connection.execute(
            f"PRAGMA foreign_key_list({_quoted(name)})"
        )
    }
    columns = tuple(
        Column(
            column,
            kind,
            comments.get(column, ""),
            keys.get(column, ""),
            _samples(connection, name, column) if kind == "TEXT" else (),
        )
        for _, column, kind, *_ in connection.execute(f"PRAGMA table_info({_quoted(name)})")
    )
    return Table(name, columns, comments.get("", ""))


def _comments(source: str) -> dict[str, str]:
    """Comments by column name; that of the table has an empty name."""
    comments: dict[str, str] = {}
    for line in source.splitlines():
        if found := TABLE_COMMENT.match(line):
            comments[""] = found[1].strip()
        elif found := COMMENT.match(line):
            comments[found[1]] = found[2].strip()
    return comments


def _samples(connection: sqlite3.Connection, table: str, column: str) -> tuple[str, ...]:
    """All values of a column with few; none of a column with many, such as names."""
    query = f"SELECT DISTINCT {_quoted(column)} FROM {_quoted(table)} LIMIT ?"  # noqa: S608
    values = [value for (value,) in connection.execute(query, (MAX_SAMPLES + 1,))]
    if len(values) > MAX_SAMPLES or any(DATE.match(str(value)) for value in values):
        return ()
    return tuple(sorted(str(value) for value in values if value is not None))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
