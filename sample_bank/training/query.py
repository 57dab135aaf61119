"""SQL as a sequence of pieces, each one token for the model, and copied text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


class Copied(str):
    """Text copied from the question: digits, or a name."""

    __slots__ = ()


Pieces = tuple[str, ...]

BASE: Final = {
    "branches": "b",
    "customers": "c",
    "accounts": "a",
    "cards": "k",
    "transactions": "t",
    "loans": "l",
    "disputes": "d",
}

PATHS: Final[
    dict[str, dict[str, tuple[str, ...]]]
] = {  # from a table to the one that another alias names
    "customers": {"b": ("b",)},
    "accounts": {"c": ("c",), "b": ("c", "b")},
    "cards": {"a": ("a",), "c": ("a", "c"), "b": ("a", "c", "b")},
    "transactions": {"a": ("a",), "c": ("a", "c"), "b": ("a", "c", "b")},
    "loans": {"c": ("c",), "b": ("c", "b")},
    "disputes": {"t": ("t",), "a": ("t", "a"), "c": ("t", "a", "c"), "b": ("t", "a", "c", "b")},
    "branches": {},
}

JOINS: Final = {
    ("customers", "b"): "branches b ON b.branch_id = c.branch_id",
    ("accounts", "c"): "customers c ON c.customer_id = a.customer_id",
    ("cards", "a"): "accounts a ON a.account_id = k.account_id",
    ("transactions", "a"): "accounts a ON a.account_id = t.account_id",
    ("loans", "c"): "customers c ON c.customer_id = l.customer_id",
    ("disputes", "t"): "transactions t ON t.transaction_id = d.transaction_id",
}
ON_THE_WAY: Final = {
    "a": JOINS["transactions", "a"],
    "b": JOINS["customers", "b"],
    "c": JOINS["accounts", "c"],
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison in a WHERE clause. ``needs`` is the alias of its table."""

    needs: str
    pieces: Pieces


def from_clause(table: str, needed: Iterable[str]) -> str:
    """A single piece with all necessary joins."""
    own = BASE[table]
    joined: list[str] = []
    for alias in sorted({*needed} - {own}):
        joined += [step for step in PATHS[table][alias] if step not in joined]
    joins = (
        f" JOIN {JOINS.get((table, step)) or ON_THE_WAY[step]}"
        for step in sorted(joined, key="tacb".index)
    )
    return f" FROM {table} {own}{''.join(joins)}"


def where(tests: Sequence[Comparison]) -> Pieces:
    """Sorts conditions independently of the wording, so that there is one correct answer."""
    pieces: list[str] = []
    for number, test in enumerate(sorted(tests, key=lambda test: test.pieces)):
        pieces += [" AND" if number else " WHERE", *test.pieces]
    return tuple(pieces)


def select(
    table: str,
    columns: Sequence[str],
    tests: Sequence[Comparison],
    tail: Sequence[str] = (),
    needs: Iterable[str] = (),
) -> Pieces:
    needed = {*needs, *(test.needs for test in tests)}
    return (*columns, from_clause(table, needed), *where(tests), *tail)
