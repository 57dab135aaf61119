import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sample_bank.database import build, main
from sample_bank.generator import REFERENCE_DATE


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bank") / "bank.sqlite"
    build(path, seed=1)
    return path


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


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(
    bank: Path, tmp_path: Path
) -> None:
    build(tmp_path / "again.sqlite", seed=1)
    build(tmp_path / "other.sqlite", seed=2)
    total = (
        "SELECT SUM(amount_cents), MIN(name) FROM transactions, customers WHERE customer_id=1001"
    )

    assert ask(tmp_path / "again.sqlite", total) == ask(bank, total)
    assert ask(tmp_path / "other.sqlite", total) != ask(bank, total)


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "bank.sqlite"
    path.write_bytes(b"not a database")

    assert build(path, seed=1) is True
    assert ask(path, "SELECT COUNT(*) FROM about") == [(1,)]


def test_no_partial_file_is_left_behind(tmp_path: Path) -> None:
    assert main([str(tmp_path / "var" / "bank.sqlite"), "--seed", "3"]) == 0
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["bank.sqlite"]
