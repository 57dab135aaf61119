import time

import pytest

from genai.errors import InvalidInput
from genai.tools.database import Column, Schema, Table
from genai.tools.sql_guard import SQLGuard

SCHEMA = Schema(
    (
        Table("people", (Column("person_id", "INTEGER"), Column("name", "TEXT"))),
        Table("payments", (Column("person_id", "INTEGER"), Column("amount_cents", "INTEGER"))),
    )
)
SQLITE = SQLGuard("sqlite", SCHEMA)
POSTGRES = SQLGuard("postgres", SCHEMA)

READS = [
    "SELECT COUNT(*) FROM people",
    "select name from people where person_id = 1;",
    "SELECT p.name, SUM(x.amount_cents) / 100.0 AS eur FROM people p JOIN payments x"
    " ON x.person_id = p.person_id GROUP BY p.name HAVING SUM(x.amount_cents) > 5 ORDER BY 2 DESC",
    "WITH big AS (SELECT * FROM payments WHERE amount_cents > 10) SELECT COUNT(*) FROM big",
    "SELECT name FROM people UNION SELECT 'x' EXCEPT SELECT 'y'",
    "SELECT name, ROW_NUMBER() OVER (PARTITION BY name ORDER BY person_id) FROM people",
    "SELECT CASE WHEN person_id > 1 THEN 'a' ELSE 'b' END FROM people LIMIT 3",
    "SELECT name FROM people WHERE person_id IN (SELECT person_id FROM payments)",
    "SELECT * FROM people WHERE name LIKE 'A%' AND NOT person_id BETWEEN 1 AND 3",
    "SELECT COALESCE(MAX(amount_cents), 0), ROUND(AVG(amount_cents), 2) FROM payments",
]

EFFECTS = [
    "DELETE FROM people",
    "UPDATE people SET name = 'x'",
    "INSERT INTO people VALUES (1, 'x')",
    "DROP TABLE people",
    "CREATE TABLE t AS SELECT * FROM people",
    "ALTER TABLE people RENAME TO p",
    "TRUNCATE people",
    "WITH d AS (DELETE FROM people RETURNING *) SELECT * FROM d",
    "SELECT * INTO copy FROM people",
    "SELECT name FROM people FOR UPDATE",
    "SELECT 1; DELETE FROM people",
    "SELECT 1; SELECT 2",
    "COMMIT; DELETE FROM people",
    "EXPLAIN ANALYZE DELETE FROM people",
    "NOTIFY c",
    "LISTEN c",
    "REINDEX people",
    "VACUUM INTO '/tmp/x'",
    "ATTACH '/tmp/x.db' AS x",
    "PRAGMA writable_schema = 1",
    "COPY people TO PROGRAM 'sh'",
    "DO $$ BEGIN DELETE FROM people; END $$",
    "CALL p()",
    "SET statement_timeout = 0",
    "LOCK TABLE people",
    "GRANT ALL ON people TO public",
    "",
    "--",
    "hello",
]

FUNCTIONS = [
    "pg_sleep(10)",
    "set_config('statement_timeout', '0', false)",
    "nextval('s')",
    "lo_create(0)",
    "pg_read_file('/etc/passwd')",
    "\"pg_read_file\"('/etc/passwd')",
    "pg_catalog.pg_read_file('/etc/passwd')",
    "query_to_xml('DELETE FROM people', true, true, '')",
    "dblink('host=x', 'DELETE FROM people')",
    "pg_advisory_lock(1)",
    "pg_notify('c', 'x')",
    "pg_terminate_backend(1)",
    "load_extension('x')",
    "randomblob(200000000)",
    "zeroblob(900000000)",
    "repeat('x', 1000000000)",
    "fts3_tokenizer('simple')",
    "readfile('/etc/passwd')",
    "current_setting('x')",
    "version()",
    "current_user",
]


@pytest.mark.parametrize("guard", [SQLITE, POSTGRES], ids=["sqlite", "postgres"])
@pytest.mark.parametrize("sql", READS)
def test_usual_queries_pass(guard: SQLGuard, sql: str) -> None:
    assert guard.check(sql, 50).startswith(("SELECT", "WITH"))


@pytest.mark.parametrize("guard", [SQLITE, POSTGRES], ids=["sqlite", "postgres"])
@pytest.mark.parametrize("sql", EFFECTS)
def test_whatever_is_not_one_plain_read_is_refused(guard: SQLGuard, sql: str) -> None:
    with pytest.raises(InvalidInput):
        guard.check(sql, 50)


@pytest.mark.parametrize("guard", [SQLITE, POSTGRES], ids=["sqlite", "postgres"])
@pytest.mark.parametrize("call", FUNCTIONS)
def test_a_function_that_is_not_listed_is_refused(guard: SQLGuard, call: str) -> None:
    with pytest.raises(InvalidInput):
        guard.check(f"SELECT {call}", 50)
    with pytest.raises(InvalidInput):
        guard.check(f"SELECT name FROM people WHERE name = CAST({call} AS TEXT)", 50)
    with pytest.raises(InvalidInput):
        guard.check(f"SELECT * FROM {call}", 50)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM secrets",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM pg_catalog.pg_roles",
        "SELECT * FROM other.people",
        "SELECT pin FROM people",
        "SELECT people.pin FROM people",
        "SELECT (SELECT pin FROM secrets) FROM people",
        "WITH people AS (SELECT * FROM secrets) SELECT * FROM people",
        "SELECT * FROM people JOIN secrets USING (person_id)",
    ],
)
def test_a_table_or_column_that_is_not_listed_is_refused(sql: str) -> None:
    with pytest.raises(InvalidInput):
        SQLITE.check(sql, 50)


def test_the_hint_names_the_tables_that_exist() -> None:
    with pytest.raises(InvalidInput, match="the tables are: payments, people"):
        SQLITE.check("SELECT * FROM persons", 50)


def test_a_star_is_spelt_out() -> None:
    assert "*" not in SQLITE.check("SELECT * FROM people", 50)


def test_the_statement_is_regenerated_without_comments() -> None:
    assert "secret" not in SQLITE.check("SELECT /* secret */ name -- secret\nFROM people", 50)


@pytest.mark.parametrize(
    ("written", "runs"),
    [("", 51), ("LIMIT 10", 10), ("LIMIT 50", 50), ("LIMIT 51", 51), ("LIMIT 100000", 51)],
)
def test_a_limit_is_added_or_lowered(written: str, runs: int) -> None:
    sql = SQLITE.check(f"SELECT name FROM people {written}", 50)

    assert sql.endswith(f"LIMIT {runs}")


def test_a_limit_covers_a_union() -> None:
    assert SQLITE.check("SELECT 1 UNION ALL SELECT 2", 50).endswith("LIMIT 51")


def test_a_computed_limit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="LIMIT"):
        SQLITE.check("SELECT name FROM people LIMIT (SELECT 10)", 50)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 4000 + "1" + ")" * 4000,
        "SELECT " + "NOT " * 2000 + "1",
        "SELECT " + "- " * 4000 + "1",
        "SELECT " + "CASE WHEN 1 THEN " * 450,
        "SELECT " + "CASE WHEN 1 THEN 1 ELSE " * 300 + "1" + " END" * 300,
        "SELECT " + "x" * 9000,
        "SELECT " + "person_id < " * 2000 + "1",
        "SELECT name FROM people" + " UNION SELECT name FROM people" * 250,
        "SELECT * FROM people" + ", people" * 1000,
        "SELECT * FROM people" + " CROSS JOIN people" * 9,
        "SELECT a" + "[1" * 2000,
        "SELECT 1 " + "/*" * 4000,
        "SELECT '\0'",
    ],
    ids=lambda sql: sql[:24],
)
@pytest.mark.parametrize("guard", [SQLITE, POSTGRES], ids=["sqlite", "postgres"])
def test_a_query_that_would_exhaust_the_parser_is_refused_early(guard: SQLGuard, sql: str) -> None:
    started = time.process_time()

    with pytest.raises(InvalidInput):
        guard.check(sql, 50)

    assert time.process_time() - started < 2.0


def test_text_stays_text() -> None:
    sql = SQLITE.check("SELECT name FROM people WHERE name = 'x''; DROP TABLE people --'", 50)

    assert "'x''; DROP TABLE people --'" in sql
