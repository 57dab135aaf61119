import asyncio
from collections.abc import Iterator

import pytest

asyncpg = pytest.importorskip("asyncpg")

from genai.errors import BackendFailed, InvalidInput  # noqa: E402
from genai.tools.postgres import PostgresDatabase  # noqa: E402
from genai.tools.sql import SQLTool  # noqa: E402
from tests.support.agents import a_context  # noqa: E402
from tests.support.postgres_server import find_programs, running  # noqa: E402

PROGRAMS = find_programs()

DATA = """
CREATE TABLE people (person_id int PRIMARY KEY, name text NOT NULL, city text, born date);
COMMENT ON TABLE people IS 'who they are';
COMMENT ON COLUMN people.name IS 'in full';
CREATE TABLE payments (payment_id int PRIMARY KEY, person_id int REFERENCES people (person_id),
                       amount numeric(12, 2));
CREATE TABLE secrets (pin text);
INSERT INTO people SELECT n, 'P' || n, (ARRAY['Lisbon', 'Genoa'])[1 + n % 2], '1990-01-01'
  FROM generate_series(1, 40) n;
INSERT INTO payments SELECT n, 1 + n % 40, n / 7.0 FROM generate_series(1, 200) n;
ANALYZE;
"""


async def test_a_server_that_does_not_answer_is_a_failure() -> None:
    with pytest.raises(BackendFailed):
        await PostgresDatabase("postgresql://nobody@127.0.0.1:1/none").async_schema()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed")
    with running(PROGRAMS) as address:
        asyncio.run(fill(address))
        yield address


async def fill(address: str) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute(DATA)
    await connection.close()


@pytest.fixture
def database(url: str) -> PostgresDatabase:
    return PostgresDatabase(url, ("people", "payments"))


async def test_a_question_is_answered_by_the_tool(database: PostgresDatabase) -> None:
    tool = SQLTool(database, max_rows=5)
    query = tool.input_schema(
        query="SELECT city, COUNT(*) AS n, SUM(amount) AS total FROM people"
        " JOIN payments USING (person_id) GROUP BY city ORDER BY city"
    )

    observation = await tool.async_run(query, a_context())

    assert (
        observation.text
        == "city | n | total\nGenoa | 100 | 1442.86\nLisbon | 100 | 1428.57\n(2 rows)"
    )


async def test_the_schema_has_comments_keys_and_values(database: PostgresDatabase) -> None:
    text = (await database.async_schema()).describe()

    assert "people: who they are" in text
    assert "name text (in full)" in text
    assert "city text one of: Genoa, Lisbon" in text
    assert "person_id integer -> people.person_id" in text
    assert "secrets" not in text


async def test_rows_beyond_the_limit_are_not_fetched(database: PostgresDatabase) -> None:
    rows = await database.async_select("SELECT person_id FROM people", max_rows=3, timeout_s=5)

    assert len(rows.rows) == 3
    assert rows.cut


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM people",
        "COMMIT; DELETE FROM people",
        "WITH d AS (DELETE FROM people RETURNING *) SELECT * FROM d",
        "CREATE TABLE t (a int)",
        "SELECT * FROM people FOR UPDATE",
        "SELECT name FROM people WHERE name = 1",
        "SELECT 1 / 0",
    ],
)
async def test_the_database_refuses_on_its_own(database: PostgresDatabase, sql: str) -> None:
    with pytest.raises(InvalidInput):
        await database.async_select(sql, max_rows=5, timeout_s=5)


async def test_no_setting_survives_into_the_next_query(database: PostgresDatabase) -> None:
    off = "SELECT set_config('statement_timeout', '0', false)"
    await database.async_select(off, max_rows=1, timeout_s=5)

    rows = await database.async_select(
        "SELECT current_setting('statement_timeout')", max_rows=1, timeout_s=5
    )

    assert rows.rows == (("5s",),)


async def test_a_slow_query_ends_at_its_deadline(database: PostgresDatabase) -> None:
    with pytest.raises(InvalidInput, match="too long"):
        await database.async_select("SELECT pg_sleep(30)", max_rows=1, timeout_s=0.2)


async def test_a_cancelled_query_leaves_no_connection(database: PostgresDatabase, url: str) -> None:
    query = asyncio.create_task(
        database.async_select("SELECT pg_sleep(30)", max_rows=1, timeout_s=20)
    )
    watcher = await asyncpg.connect(url)
    running_now = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'genai-sql-tool' AND state = 'active'"
    )
    async with asyncio.timeout(10):
        while not await watcher.fetchval(running_now):  # noqa: ASYNC110  # the server tells no events
            await asyncio.sleep(0.01)

        query.cancel()
        with pytest.raises(asyncio.CancelledError):
            await query

        while await watcher.fetchval(running_now):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await watcher.close()
