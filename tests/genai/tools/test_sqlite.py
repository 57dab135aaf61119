import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from genai.errors import BackendFailed, InvalidInput
from genai.tools.database import Rows
from genai.tools.sqlite import SQLiteDatabase

ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r"


async def run(path: Path, sql: str, *, max_rows: int = 50, timeout_s: float = 2.0) -> Rows:
    database = SQLiteDatabase(path, tables=("people", "payments"))
    return await database.async_select(sql, max_rows=max_rows, timeout_s=timeout_s)


async def test_rows_come_back_with_their_names_and_types(path: Path) -> None:
    rows = await run(
        path, "SELECT 1 AS a, 2.5 AS b, 'x' AS c, NULL AS d, note FROM payments LIMIT 1"
    )

    assert rows.columns == ("a", "b", "c", "d", "note")
    assert rows.rows == ((1, 2.5, "x", None, "<2 bytes>"),)
    assert not rows.cut


async def test_more_rows_than_allowed_are_cut(path: Path) -> None:
    rows = await run(path, "SELECT person_id FROM people", max_rows=10)

    assert len(rows.rows) == 10
    assert rows.cut


def state_of_folder(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def state(path: Path) -> tuple[bytes, list[Path]]:
    """The file's bytes, and all files beside it."""
    return path.read_bytes(), state_of_folder(path.parent)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM people",
        "INSERT INTO people VALUES (99, 'x', 'y', 'z')",
        "UPDATE people SET name = 'x'",
        "DROP TABLE people",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "ATTACH 'other.sqlite' AS other",
        "VACUUM INTO 'copy.sqlite'",
        "PRAGMA writable_schema = 1",
        "PRAGMA temp_store_directory = '/tmp'",
        "BEGIN IMMEDIATE",
        "SELECT * FROM secrets",
        "SELECT COUNT(*) FROM secrets",
        "SELECT * FROM sqlite_master",
        "SELECT COUNT(*) FROM sqlite_schema",
        "SELECT * FROM pragma_table_info('people')",
        "SELECT load_extension('x')",
        "SELECT randomblob(200000000)",
        "SELECT zeroblob(900000000)",
        "SELECT fts3_tokenizer('simple')",
        "SELECT 1; SELECT 2",
    ],
)
async def test_the_database_refuses_on_its_own_whatever_the_guard_lets_through(
    path: Path, sql: str
) -> None:
    before = state(path)

    with pytest.raises(InvalidInput):
        await run(path, sql)

    assert state(path) == before


async def test_subqueries_may_have_any_name(path: Path) -> None:
    rows = await run(path, "WITH x AS (SELECT 1 FROM people) SELECT COUNT(*) AS n FROM x")

    assert rows.rows == ((40,),)


async def test_an_endless_query_ends_at_its_deadline(path: Path) -> None:
    with pytest.raises(InvalidInput, match="too long"):
        await run(path, ENDLESS, timeout_s=0.05)


async def test_the_event_loop_goes_on_while_a_query_runs(path: Path) -> None:
    query = asyncio.create_task(run(path, ENDLESS, timeout_s=0.2))
    turns = 0

    while not query.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 10
    assert isinstance(query.exception(), InvalidInput)


async def test_a_cancelled_query_stops_in_the_database(path: Path) -> None:
    database = SQLiteDatabase(path)
    await database.async_schema()
    query = asyncio.create_task(database.async_select(ENDLESS, max_rows=1, timeout_s=60.0))
    await asyncio.sleep(0.02)

    query.cancel()
    with pytest.raises(asyncio.CancelledError):
        await query

    await asyncio.wait_for(asyncio.get_running_loop().shutdown_default_executor(), timeout=5)


async def test_the_schema_has_comments_keys_and_values(path: Path) -> None:
    text = (await SQLiteDatabase(path).async_schema()).describe()

    assert "people: who they are" in text
    assert "person_id INTEGER -> people.person_id" in text
    assert "city TEXT one of: Genoa, Lisbon" in text
    assert "amount_cents INTEGER (euro cents)" in text


async def test_columns_with_many_values_are_described_without_them(path: Path) -> None:
    assert "Person 1" not in (await SQLiteDatabase(path).async_schema()).describe()


async def test_the_schema_has_only_the_configured_tables(path: Path) -> None:
    schema = await SQLiteDatabase(path, tables=("people",)).async_schema()

    assert [table.name for table in schema.tables] == ["people"]


async def test_a_missing_file_is_a_failure_and_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(BackendFailed):
        await run(tmp_path / "none.sqlite", "SELECT 1")

    assert state_of_folder(tmp_path) == []


async def test_a_database_in_use_can_still_be_read(path: Path) -> None:
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        rows = await run(path, "SELECT COUNT(*) AS n FROM people")

    assert rows.rows == ((40,),)
