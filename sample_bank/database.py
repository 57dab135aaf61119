"""Write the sample database of Harbour Bank: `python -m sample_bank.database PATH [--seed N]`.

The rows are deterministic by seed and independent of the clock: today is `REFERENCE_DATE`.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from sample_bank.generator import REFERENCE_DATE, Generator

VERSION: Final = 2
SCHEMA: Final = Path(__file__).with_name("schema.sql")


def build(path: Path, seed: int = 1) -> bool:
    """Writes the database atomically; returns whether it was written.

    A file of the same version and seed is kept. Readers of an older file keep it open, because the new
    one replaces it by a rename.
    """
    if _is_current(path, seed):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        _fill(name, seed)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return True


def _is_current(path: Path, seed: int) -> bool:
    if not path.is_file():
        return False
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            stamp = connection.execute("SELECT version, seed FROM about").fetchone()
        except sqlite3.DatabaseError:
            return False
    return bool(stamp == (VERSION, seed))


def _fill(path: str, seed: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        with connection:
            for table, rows in Generator(seed).tables().items():
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
            stamp = (VERSION, seed, REFERENCE_DATE.isoformat())
            connection.execute("INSERT INTO about VALUES (?, ?, ?)", stamp)
        connection.execute("ANALYZE")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the sample database of Harbour Bank.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    done = build(args.path, args.seed)
    print(f"{args.path}: {'written' if done else 'up to date'}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
