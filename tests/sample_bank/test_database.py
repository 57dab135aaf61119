import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sample_bank.database import build, main
from sample_bank.generator import REFERENCE_DATE, Generator
from tests.support.bank import bank_path


@pytest.fixture(scope="module")
def bank() -> Path:
    return bank_path()


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_it_is_as_large_as_a_small_bank(bank: Path) -> None:
    (customers,) = ask(bank, "SELECT COUNT(*) FROM customers")
    (transactions,) = ask(bank, "SELECT COUNT(*) FROM transactions")

    assert customers[0] >= 1000  # type: ignore[operator]
    assert transactions[0] >= 50_000  # type: ignore[operator]
    assert bank.stat().st_size < 30_000_000


def test_every_reference_leads_somewhere(bank: Path) -> None:
    assert ask(bank, "PRAGMA foreign_key_check") == []


@pytest.mark.parametrize(
    "newest",
    [
        "SELECT MAX(date(booked_at)) FROM transactions",
        "SELECT MAX(joined_on) FROM customers",
        "SELECT MAX(opened_on) FROM accounts",
        "SELECT MAX(issued_on) FROM cards",
        "SELECT MAX(started_on) FROM loans",
        "SELECT MAX(opened_on) FROM disputes",
        "SELECT MAX(closed_on) FROM disputes",
    ],
)
def test_nothing_is_dated_after_the_reference_date(bank: Path, newest: str) -> None:
    assert str(ask(bank, newest)[0][0]) <= REFERENCE_DATE.isoformat()


def test_nothing_happens_to_an_account_before_it_is_opened(bank: Path) -> None:
    early = "SELECT COUNT(*) FROM transactions JOIN accounts USING (account_id)"
    assert ask(bank, f"{early} WHERE date(booked_at) < opened_on") == [(0,)]


def test_a_repaid_loan_owes_nothing_and_others_owe_something(bank: Path) -> None:
    wrong = "SELECT COUNT(*) FROM loans WHERE (status = 'repaid') <> (outstanding_cents = 0)"
    assert ask(bank, wrong) == [(0,)]


def test_an_open_dispute_has_no_end(bank: Path) -> None:
    wrong = "SELECT COUNT(*) FROM disputes WHERE (status = 'open') <> (closed_on IS NULL)"
    assert ask(bank, wrong) == [(0,)]


def test_a_second_build_leaves_the_file_alone(bank: Path) -> None:
    before = bank.stat()

    assert build(bank, seed=1) is False
    assert bank.stat().st_mtime_ns == before.st_mtime_ns


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    first, again, other = (Generator(seed, customers=40).tables() for seed in (1, 1, 2))

    assert first == again
    assert first["transactions"] != other["transactions"]


def test_a_damaged_file_is_replaced_and_no_partial_one_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "var" / "bank.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"not a database")

    assert main([str(path), "--seed", "3"]) == 0
    assert ask(path, "SELECT seed FROM about") == [(3,)]
    assert [file.name for file in path.parent.iterdir()] == ["bank.sqlite"]
