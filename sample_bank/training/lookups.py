"""Questions about one customer, account, card, loan, dispute, transaction or branch."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import yaml

from sample_bank.training import values
from sample_bank.training.conditions import named, numbered
from sample_bank.training.counting import LISTED
from sample_bank.training.flows import SELECTS, any_flow
from sample_bank.training.form import Question, counted
from sample_bank.training.groups import first
from sample_bank.training.measures import FIGURES
from sample_bank.training.numbers import count_text
from sample_bank.training.phrase import Phrase, one_of, singular
from sample_bank.training.query import Comparison, select
from sample_bank.training.things import HELD, add_one, bare
from sample_bank.training.wording import say

FILE: Final = Path(__file__).with_name("phrases") / "facts.yaml"


@dataclass(frozen=True, slots=True)
class Fact:
    """Columns of one row, and the questions for them."""

    table: str
    columns: str
    asks: tuple[str, ...]
    needs: str = ""


@cache
def facts() -> tuple[Fact, ...]:
    known = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(Fact(**{**fact, "asks": tuple(fact["asks"])}) for fact in known)


KEYS: Final = {  # column, and the numbers that there are
    "accounts": ("a.account_id", 20001, 21900),
    "cards": ("k.card_id", 50001, 51900),
    "loans": ("l.loan_id", 80001, 80500),
    "disputes": ("d.dispute_id", 90001, 90260),
    "transactions": ("t.transaction_id", 1000001, 1103400),
}


@dataclass(frozen=True, slots=True)
class One:
    """One row: its wording, and the condition that finds it."""

    who: str
    test: Comparison
    number: str = ""
    person: str = ""

    @property
    def poss(self) -> str:
        return f"{self.who}'s"


def person(random: Random, column: str = "c.customer_id", *, by_name: float = 0.6) -> One:
    if random.random() < by_name:
        who, pieces = named(random)
        words = say(random, "(||||||customer|client|our client|mr|ms) {w}", w=who)
        return One(words, Comparison("c", pieces), person=who)
    number, pieces = numbered(random, column, 1001, 2200)
    return One(say(random, "<customer_number>", n=number), Comparison(column[0], pieces), number)


def row(random: Random, table: str) -> One:
    if table == "branches":
        branch = random.choice(values.BRANCH_NAMES)
        words = say(random, "<one_branch>", b=branch, s=branch.split(" ", 1)[1])
        return One(words, Comparison("b", (" b.name = ", f"'{branch}'")))
    column, low, high = KEYS[table]
    number, pieces = numbered(random, column, low, high)
    words = say(random, f"<one_{table}>", n=number)
    return One(words, Comparison(column[0], pieces), number)


def fact(random: Random) -> Question:
    known = random.choice(facts())
    ask = random.choice(known.asks)
    if known.table == "customers":
        one = person(random, by_name=1.0 if "{name}" in ask else 0.0 if "{id}" in ask else 0.6)
    else:
        one = row(random, known.table)
    slots = {"who": one.who, "poss": one.poss, "name": one.person, "id": one.who, "n": one.number}
    text = say(random, f"{ask}(?|?|)", **slots)
    needs = (known.needs,) if known.needs else ()
    sql = select(known.table, (f"SELECT {known.columns}",), (one.test,), needs=needs)
    return Question(text, sql, 1)


BOOKED: Final = "t.booked_at, t.merchant, ROUND(t.amount_cents / 100.0, 2) AS amount_eur"
"""The columns of a list of transactions."""


# -- what one customer has -------------------------------------------------------------------------


def _owner(table: str) -> str:
    return "l.customer_id" if table == "loans" else "a.customer_id"


def holding(random: Random) -> Question:
    """ "How many cards does Mia Gallo have?", "does she have a blocked one?", "list them"."""
    table = random.choices(list(HELD), (28, 26, 26, 9, 11))[0]
    held = bare(random, table)
    for _ in range(random.choices((0, 1, 2), (52, 40, 8))[0]):
        held = add_one(random, held, own=True)
    one = person(random, _owner(table))
    form, columns = random.choice(
        (
            ("one_how_many", ("SELECT ", counted(held))),
            ("one_has", ("SELECT ", counted(held))),
            ("one_which", (f"SELECT {LISTED.get(table, '')}",)),
        )
    )
    if form == "one_which" and table not in LISTED:
        return _latest(random, one, held)
    slots = {"np": held.text, "one": one_of(random, held), "who": one.who, "poss": one.poss}
    tests = (*held.tests, one.test)
    return Question(say(random, f"<{form}>", **slots), select(table, columns, tests), len(tests))


def latest(random: Random) -> Question:
    """ "The last five transactions of account 20010"."""
    held = bare(random, "transactions")
    if random.random() < 0.45:
        return _latest(random, person(random, "a.customer_id"), held)
    number, pieces = numbered(random, "t.account_id", 20001, 21900)
    words = say(random, "<one_accounts>", n=number)
    return _latest(random, One(words, Comparison("t", pieces), number), held)


def last_time(random: Random) -> Question:
    """ "When did customer 1010 last pay something?" """
    one = person(random, "a.customer_id")
    if random.random() < 0.3:
        number, pieces = numbered(random, "t.account_id", 20001, 21900)
        one = One(say(random, "<one_accounts>", n=number), Comparison("t", pieces), number)
    text = say(random, "<last_time>", who=one.who, poss=one.poss)
    tail = first(1, order="t.booked_at")
    sql = select("transactions", (f"SELECT {BOOKED}",), (one.test,), tail)
    return Question(text, sql, 2)


def _latest(random: Random, one: One, held: Phrase) -> Question:
    number = 1 if random.random() < 0.25 else random.randint(2, 20)
    text = say(
        random,
        "<latest>",
        np=singular(held) if number == 1 else held.text,
        k="" if number == 1 else count_text(random, number),
        who=one.who,
        poss=one.poss,
        are=random.choice(("is", "was") if number == 1 else ("are", "were")),
    )
    columns = (f"SELECT {BOOKED}",)
    tail = first(number, order="t.booked_at")
    return Question(text, select("transactions", columns, (*held.tests, one.test), tail), 2)


def figure_of_one(random: Random) -> Question:
    """The balance, debt or limits of one person."""
    what = random.choices((*FIGURES[:3], FIGURES[5]), (50, 34, 8, 8))[0]
    usual = what.total and random.random() < 0.85
    function = "SUM" if usual else random.choice(("AVG", "MAX"))
    one = person(random, _owner(what.table))
    held = bare(random, what.table)
    if random.random() < 0.35:
        held = add_one(random, held, own=True)
    rest = say(random, "(on|in|across) (his|her|their|the|all|) {np}", np=held.text)
    text = say(
        random,
        f"<one_{what.name}_total>" if function == "SUM" else "<one_figure>",
        who=one.who,
        poss=one.poss,
        r=rest if held.tests else "",
        n=say(random, f"<{function}> <{what.name}>"),
    )
    columns = ("SELECT ", what.select(function))
    tests = (*held.tests, one.test)
    return Question(text, select(what.table, columns, tests), 2 + len(held.tests))


SPLIT: Final = (
    ("time", "substr(t.booked_at, 1, 7)", " AS month", "one_monthly", 60),
    ("category", "t.category", "", "one_by_category", 25),
    ("shop", "t.merchant", "", "one_by_shop", 15),
)


def spending_of_one(random: Random) -> Question:
    """A person's spending per month, category or merchant."""
    kind, column, alias, form, _ = random.choices(SPLIT, [weight for *_, weight in SPLIT])[0]
    flow = any_flow(random, income=False, owner=True, dated=0.5, category=0.3)
    if kind in flow.used - {"time"}:
        return spending_of_one(random)
    head = say(random, "(spending|expenses|expenditure|outgoings|spend)")
    text = say(random, f"<{form}>", h=head, w=flow.who, a=flow.adverbs(random))
    tail = (f" GROUP BY {column}", *((f" ORDER BY {column}",) if alias else ()))
    columns = (f"SELECT {column}{alias}, ", SELECTS["out", "SUM"])
    return Question(text, select("transactions", columns, flow.tests, tail), 3)


DISPUTED: Final = (
    ("-SUM", "disputed_eur", "<SUM>", 60),
    ("-AVG", "average_disputed_eur", "<AVG>", 30),
    ("-MIN", "highest_disputed_eur", "<MAX>", 10),
)


def disputed(random: Random) -> Question:
    """The disputed amount."""
    phrase = bare(random, "disputes")
    for _ in range(random.choices((0, 1, 2), (20, 55, 25))[0]):
        phrase = add_one(random, phrase)
    function, name, word, _ = random.choices(DISPUTED, [weight for *_, weight in DISPUTED])[0]
    form = "<disputed_total>" if function == "-SUM" and random.random() < 0.6 else "<disputed>"
    slots = {"np": phrase.text, "s": singular(phrase), "w": say(random, word)}
    columns = ("SELECT ", f"ROUND({function}(t.amount_cents) / 100.0, 2) AS {name}")
    sql = select("disputes", columns, phrase.tests, needs=("t",))
    return Question(say(random, form, **slots), sql, 1 + len(phrase.tests))
