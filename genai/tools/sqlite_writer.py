"""The only way to change the sample bank's database: one row, exactly once, or not at all.

    _effects    the keys of completed effects, written in the same transaction as the change

The SQL tool reads the same file over a read-only connection, and does not see `_effects`.
"""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genai.errors import BackendFailed, Forbidden

Value = str | int

_KEYS: Final = """
CREATE TABLE IF NOT EXISTS _effects (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    refusal TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A precondition: if ``query`` finds no row, nothing is changed, and ``otherwise`` is the reason."""

    query: str
    otherwise: str


class SQLiteWriter:
    """Runs one fixed ``statement`` with bound parameters."""

    def __init__(self, path: Path, statement: str, requirements: Sequence[Requirement]) -> None:
        self._path = path
        self._statement = statement
        self._requirements = tuple(requirements)

    async def async_apply(self, key: str, values: Mapping[str, Value], *, within_s: float) -> str:
        """Changes the row. Returns why it was not changed, or an empty text.

        The same ``key`` again changes nothing and returns the same result. Raises `Forbidden` if the
        key was used for another change, and `BackendFailed` if the outcome is unknown.
        """
        return await asyncio.to_thread(self._apply, key, dict(values), within_s)

    async def async_objection(self, values: Mapping[str, Value], *, within_s: float) -> str:
        """Why the row would not be changed now, or an empty text. Writes nothing."""
        return await asyncio.to_thread(self._objection, dict(values), within_s)

    def _objection(self, values: dict[str, Value], within_s: float) -> str:
        try:
            with closing(self._open(within_s, "ro")) as connection:
                return self._unmet(connection, values)
        except sqlite3.Error as error:
            raise BackendFailed("the database could not be read") from error

    def _apply(self, key: str, values: dict[str, Value], within_s: float) -> str:
        try:
            with closing(self._open(within_s, "rw")) as connection:
                connection.execute(_KEYS)
                connection.execute("BEGIN IMMEDIATE")
                refusal = self._once(connection, key, values)
                connection.execute("COMMIT")
                return refusal
        except sqlite3.Error as error:
            raise BackendFailed("the database could not be changed") from error

    def _open(self, within_s: float, mode: str) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=within_s)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _once(self, connection: sqlite3.Connection, key: str, values: dict[str, Value]) -> str:
        digest = self._digest(values)
        before = connection.execute(
            "SELECT digest, refusal FROM _effects WHERE key = ?", (key,)
        ).fetchone()
        if before is not None:
            if before[0] != digest:
                raise Forbidden("this effect was approved for something else")
            return str(before[1])
        refusal = self._change(connection, values)
        connection.execute(
            "INSERT INTO _effects (key, digest, refusal) VALUES (?, ?, ?)", (key, digest, refusal)
        )
        return refusal

    def _change(self, connection: sqlite3.Connection, values: dict[str, Value]) -> str:
        if unmet := self._unmet(connection, values):
            return unmet
        connection.execute("SAVEPOINT change")
        changed = connection.execute(self._statement, values).rowcount
        if changed != 1:
            connection.execute("ROLLBACK TO change")
            return f"{max(changed, 0)} rows would have been changed instead of one"
        return ""

    def _unmet(self, connection: sqlite3.Connection, values: dict[str, Value]) -> str:
        for requirement in self._requirements:
            if connection.execute(requirement.query, values).fetchone() is None:
                return requirement.otherwise
        return ""

    def _digest(self, values: Mapping[str, Value]) -> str:
        text = json.dumps([self._statement, dict(values)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
