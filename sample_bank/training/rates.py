"""Named rates, such as the default rate, and shares of money."""

from dataclasses import dataclass
from random import Random
from typing import Final

from sample_bank.training.dimensions import DIMENSIONS
from sample_bank.training.flows import OUT, any_flow
from sample_bank.training.form import Question
from sample_bank.training.groups import first
from sample_bank.training.query import Comparison, Pieces, select
from sample_bank.training.things import add_one, bare
from sample_bank.training.wording import say


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of rows with a value; ``name`` is its phrase."""

    table: str
    column: str
    value: str
    name: str

    @property
    def columns(self) -> Pieces:
        start = "ROUND(100.0 * SUM(CASE WHEN"
        end = " THEN 1 ELSE 0 END) / COUNT(*), 2) AS percent"
        return (start, f" {self.column} = ", f"'{self.value}'", end)


RATES: Final = (
    Rate("loans", "l.status", "defaulted", "default_rate"),
    Rate("loans", "l.status", "defaulted", "default_rate"),
    Rate("loans", "l.status", "late", "late_rate"),
    Rate("disputes", "d.status", "won", "win_rate"),
    Rate("disputes", "d.status", "lost", "loss_rate"),
    Rate("accounts", "a.status", "dormant", "dormancy_rate"),
    Rate("cards", "k.status", "blocked", "block_rate"),
)


def rate(random: Random) -> Question:
    """ "What is our default rate?", "the win rate by reason", "where is it highest?" """
    known = random.choice(RATES)
    roll = random.random()
    name = say(random, f"<{known.name}>")
    if roll < 0.5:
        return _plain(random, known, name)
    by = random.choice([d for d in DIMENSIONS[known.table] if d.kind not in ("status", "time")])
    columns: Pieces = (f"SELECT {by.select}, ", *known.columns)
    tail: Pieces = by.tail
    if roll < 0.8:
        text = say(random, "<rate_by>", r=name, o=by.any_one(random))
    else:
        down = random.random() < 0.75
        extreme = say(random, "(highest|largest|biggest)" if down else "(lowest|smallest)")
        text = say(random, "<rate_best>", r=name, o=by.any_one(random), w=extreme)
        tail = (*tail, *first(1, down=down))
    return Question(text, select(known.table, columns, (), tail, needs=(by.needs,)), 3)


def _plain(random: Random, known: Rate, name: str) -> Question:
    rows = bare(random, known.table)
    words = ""
    if random.random() < 0.5:
        more = add_one(random, rows)
        if "status" not in more.used:
            rows = more
            words = say(random, "(of|for|among|on) {np}", np=rows.text)
    text = say(random, "<rate_asked>", r=name, x=words)
    return Question(text, select(known.table, ("SELECT ", *known.columns), rows.tests), 2)


def share_by(random: Random) -> Question:
    """ "The share of blocked cards by country", "which branch has the highest share?" """
    table = random.choice(("customers", "accounts", "cards", "loans", "disputes"))
    part = add_one(random, bare(random, table))
    known = [d for d in DIMENSIONS[table] if d.kind not in part.used | {"time"}]
    if len(part.tests) != 1 or not known or not part.plain:
        return share_by(random)
    by = random.choice(known)
    end = " THEN 1 ELSE 0 END) / COUNT(*), 2) AS percent"
    columns: Pieces = (
        f"SELECT {by.select}, ",
        "ROUND(100.0 * SUM(CASE WHEN",
        *part.tests[0].pieces,
        end,
    )
    tail: Pieces = by.tail
    name = say(random, "(share|percentage|proportion|fraction) of {np}", np=part.text)
    if random.random() < 0.6:
        text = say(random, "<rate_by>", r=name, o=by.any_one(random))
    else:
        down = random.random() < 0.8
        extreme = say(random, "(highest|largest|biggest)" if down else "(lowest|smallest)")
        text = say(random, "<rate_best>", r=name, o=by.any_one(random), w=extreme)
        tail = (*tail, *first(1, down=down))
    sql = select(table, columns, (), tail, needs=(by.needs, part.tests[0].needs))
    return Question(text, sql, 3)


# -- of money --------------------------------------------------------------------------------------

START: Final = "SELECT ROUND(100.0 * SUM(CASE WHEN"


def spent_share(random: Random) -> Question:
    """ "What share of spending in 2025 went to groceries?" """
    part = any_flow(random, income=False, owner=False, dated=0)
    tests = [test for test in part.tests if test is not OUT]
    if len(tests) != 1:
        return spent_share(random)
    whole = any_flow(random, income=False, dated=0.5, category=0, shop=0)
    if part.used & whole.used:
        return spent_share(random)
    end = " THEN t.amount_cents ELSE 0 END) / SUM(t.amount_cents), 2) AS percent"
    by = f"by {whole.who}" if whole.who else ""
    text = say(random, "<spent_share>", x=f"{by} {whole.adverbs(random)}", p=part.adverbs(random))
    sql = select("transactions", (START, *tests[0].pieces, end), whole.tests)
    return Question(text, sql, 3)


MONEY: Final = (
    ("accounts", "a.balance_cents", "(deposits|balances|money|funds|the money we hold)"),
    ("loans", "l.outstanding_cents", "(outstanding debt|outstanding volume|debt|amount owed)"),
    ("loans", "l.principal_cents", "(money lent|loan volume|principal|amount lent)"),
)


def money_share(random: Random) -> Question:
    """ "What share of deposits is on savings accounts?" """
    table, column, words = random.choice(MONEY)
    part = add_one(random, bare(random, table))
    (test,) = part.tests if len(part.tests) == 1 else (Comparison("", ()),)
    if not test.pieces or test.needs not in (column[0], "c"):
        return money_share(random)
    end = f" THEN {column} ELSE 0 END) / SUM({column}), 2) AS percent"
    text = say(random, "<money_share>", m=say(random, words), np=part.text)
    sql = select(table, (START, *test.pieces, end), (), needs=(test.needs,))
    return Question(text, sql, 3)
