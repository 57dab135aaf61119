"""Two figures in one answer: count and sum, minimum and maximum, two fields of a row."""

from random import Random
from typing import Final

from sample_bank.training.dimensions import CUSTOMER
from sample_bank.training.form import Question, conditions, counted
from sample_bank.training.lookups import person, row
from sample_bank.training.measures import FIGURES, any_figure, any_function
from sample_bank.training.phrase import Phrase
from sample_bank.training.query import select
from sample_bank.training.things import add_one, bare, thing
from sample_bank.training.wording import say


def count_and_figure(random: Random) -> Question:
    """ "How many loans are late, and how much is outstanding on them?" """
    what = any_figure(random)
    function = any_function(random, what)
    rows = thing(random, what.table, conditions(random))
    text = say(
        random,
        "<count_and_figure>",
        np=rows.text,
        n=say(random, f"<{what.name}>"),
        w=say(random, f"<{function}>"),
    )
    columns = ("SELECT ", counted(rows), ", ", what.select(function))
    return Question(text, select(what.table, columns, rows.tests), 2 + len(rows.tests))


ENDS: Final = (
    ("MIN", "MAX", "<MIN>", "<MAX>"),
    ("MAX", "MIN", "<MAX>", "<MIN>"),
    ("AVG", "MAX", "<AVG>", "<MAX>"),
)


def two_functions(random: Random) -> Question:
    """ "The lowest and the highest rate of our mortgages"."""
    what = any_figure(random)
    one, other, first, last = random.choice(ENDS)
    rows = thing(random, what.table, random.choice((0, 1, 1, 2)))
    text = say(
        random,
        "<two_functions>",
        np=rows.text,
        n=say(random, f"<{what.name}>"),
        w=say(random, first),
        x=say(random, last),
    )
    columns = ("SELECT ", what.select(one), ", ", what.select(other))
    return Question(text, select(what.table, columns, rows.tests), 2 + len(rows.tests))


SUMS: Final = tuple(
    figure for figure in FIGURES if figure.name in ("balance", "outstanding", "principal")
)


def listed_with(random: Random) -> Question:
    """ "The private customers in Genoa with their balances"."""
    who = bare(random, "customers")
    for _ in range(random.choice((1, 2, 2))):
        who = add_one(random, who)
    what = random.choice((*SUMS, None, None))
    if what is None:
        table = random.choice(("accounts", "cards", "loans"))
        things = bare(random, table)
        text = say(random, "<listed_with_count>", np=who.text, t=things.noun)
        column = counted(Phrase(table))
    else:
        table, column = what.table, what.select("SUM")
        text = say(random, "<listed_with>", np=who.text, n=say(random, f"<{what.name}>"))
    columns = (f"SELECT {CUSTOMER.select}, ", column)
    sql = select(table, columns, who.tests, CUSTOMER.tail, needs=("c",))
    return Question(text, sql, 3 + len(who.tests))


NAMED: Final = {  # columns, and what they are called
    "customers": {
        "c.name": "name|full name",
        "c.city": "city|home town|home city",
        "c.country": "country",
        "c.segment": "segment|tier",
        "c.birth_date": "date of birth|birthday|birth date",
        "c.joined_on": "joining date|join date",
    },
    "accounts": {
        "a.type": "type|account type",
        "a.status": "status",
        "ROUND(a.balance_cents / 100.0, 2) AS balance_eur": "balance",
        "a.opened_on": "opening date",
    },
    "cards": {
        "k.type": "type|card type",
        "k.status": "status",
        "ROUND(k.daily_limit_cents / 100.0, 2) AS limit_eur": "limit|daily limit",
        "k.expires_on": "expiry date|expiry",
        "k.issued_on": "issue date",
    },
    "loans": {
        "l.kind": "kind|type",
        "l.status": "status",
        "l.rate_percent": "interest rate|rate",
        "ROUND(l.principal_cents / 100.0, 2) AS principal_eur": "principal|loan amount",
        "ROUND(l.outstanding_cents / 100.0, 2) AS outstanding_eur": "outstanding amount|remaining debt",
        "l.started_on": "start date",
    },
}


def two_facts(random: Random) -> Question:
    """ "Status and balance of account 20010"."""
    table = random.choice(list(NAMED))
    columns = random.sample(list(NAMED[table]), 2)
    first, last = (say(random, f"({NAMED[table][column]})") for column in columns)
    one = person(random) if table == "customers" else row(random, table)
    text = say(random, "<two_facts>", a=first, b=last, who=one.who, poss=one.poss)
    sql = select(table, ("SELECT ", columns[0], ", ", columns[1]), (one.test,))
    return Question(text, sql, 2)
