import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

SCHEMA = """
CREATE TABLE people ( -- who they are
    person_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL, -- in full
    city TEXT NOT NULL,
    born TEXT NOT NULL -- YYYY-MM-DD
);
CREATE TABLE payments (
    payment_id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people (person_id),
    amount_cents INTEGER NOT NULL, -- euro cents
    note BLOB
);
CREATE TABLE secrets (person_id INTEGER, pin TEXT);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small database with something to find, and something to hide."""
    file = tmp_path / "small.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(SCHEMA)
        people = [(n, f"Person {n}", ("Lisbon", "Genoa")[n % 2], "1990-01-01") for n in range(40)]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", people)
        payments = [(n, n % 40, n * 100, b"\x00\x01") for n in range(200)]
        connection.executemany("INSERT INTO payments VALUES (?, ?, ?, ?)", payments)
        connection.execute("INSERT INTO secrets VALUES (1, '0000')")
    return file
