"""The top rows of an order: the largest loans, the oldest customers, the latest disputes."""

import re
from dataclasses import dataclass
from random import Random
from typing import Final

from sample_bank.training.flows import any_flow
from sample_bank.training.form import Question
from sample_bank.training.groups import first
from sample_bank.training.numbers import count_text
from sample_bank.training.phrase import singular
from sample_bank.training.query import select
from sample_bank.training.things import thing
from sample_bank.training.wording import say, tidy


@dataclass(frozen=True, slots=True)
class Ranking:
    """``high`` and ``low`` are the phrase names for both ends of the order."""

    table: str
    columns: str
    order: str
    high: str
    low: str
    needs: str = "c"


def _euros(column: str, name: str) -> str:
    return f"ROUND({column} / 100.0, 2) AS {name}_eur"


RANKINGS: Final = (
    Ranking(
        "accounts",
        f"a.account_id, c.name, {_euros('a.balance_cents', 'balance')}",
        "a.balance_cents",
        "richest",
        "poorest",
    ),
    Ranking(
        "loans",
        f"l.loan_id, c.name, {_euros('l.principal_cents', 'principal')}",
        "l.principal_cents",
        "largest_loan",
        "smallest_loan",
    ),
    Ranking(
        "loans",
        f"l.loan_id, c.name, {_euros('l.outstanding_cents', 'outstanding')}",
        "l.outstanding_cents",
        "most_owed",
        "least_owed",
    ),
    Ranking("loans", "l.loan_id, c.name, l.rate_percent", "l.rate_percent", "dearest", "cheapest"),
    Ranking(
        "cards",
        f"k.card_id, c.name, {_euros('k.daily_limit_cents', 'limit')}",
        "k.daily_limit_cents",
        "highest_limit",
        "lowest_limit",
    ),
    Ranking("customers", "c.name, c.birth_date", "c.birth_date", "youngest", "oldest"),
    Ranking(
        "customers", "c.name, c.joined_on", "c.joined_on", "newest_customer", "longest_customer"
    ),
    Ranking("accounts", "a.account_id, c.name, a.opened_on", "a.opened_on", "newest", "first"),
    Ranking("loans", "l.loan_id, c.name, l.started_on", "l.started_on", "newest", "first"),
    Ranking("branches", "b.name, b.opened_on", "b.opened_on", "newest", "first", "b"),
    Ranking(
        "disputes",
        "d.dispute_id, d.opened_on, d.reason, d.status",
        "d.opened_on",
        "newest",
        "first",
        "d",
    ),
    Ranking(
        "transactions",
        f"t.booked_at, t.merchant, {_euros('t.amount_cents', 'amount')}",
        "t.booked_at",
        "last_booked",
        "first_booked",
        "t",
    ),
    Ranking(
        "cards",
        "k.card_id, c.name, k.expires_on",
        "k.expires_on",
        "expiring_last",
        "expiring_first",
    ),
)


def top_rows(random: Random) -> Question:
    ranking = random.choice(RANKINGS)
    number = 1 if random.random() < 0.45 else random.randint(2, 20)
    phrase = thing(random, ranking.table, random.choices((0, 1, 2), (38, 45, 17))[0])
    high = random.random() < 0.65
    rows = singular(phrase) if number == 1 else phrase.text
    body = say(random, f"<{ranking.high if high else ranking.low}>", np=rows)
    one = "<top_person>" if phrase.table == "customers" else "<top_one>"
    form = one if number == 1 else "<top_many>"
    text = say(random, form, body=body, k=count_text(random, number))
    columns = (f"SELECT {ranking.columns}",)
    tail = first(number, down=high, order=ranking.order)
    sql = select(ranking.table, columns, phrase.tests, tail, needs=(ranking.needs,))
    return Question(text, sql, 2 + len(phrase.tests))


PLACES: Final = (("second", 1), ("second", 1), ("third", 2), ("fourth", 3))
SUPERLATIVE: Final = re.compile(r"\b(?:most|least|\w+(?:-\w+)?est|lowest)\b")


def not_first(random: Random) -> Question:
    """ "The second largest loan"."""
    ranking = random.choice(RANKINGS)
    phrase = thing(random, ranking.table, random.choices((0, 1), (60, 40))[0])
    high = random.random() < 0.7
    body = say(random, f"<{ranking.high if high else ranking.low}>", np=singular(phrase))
    word, skipped = random.choice(PLACES)
    body, changed = SUPERLATIVE.subn(f"{word}{random.choice((' ', '-'))}\\g<0>", body, count=1)
    if not changed:
        return not_first(random)
    text = say(random, "<top_person>" if phrase.table == "customers" else "<top_one>", body=body)
    tail = (*first(1, down=high, order=ranking.order), f" OFFSET {skipped}")
    columns = (f"SELECT {ranking.columns}",)
    sql = select(ranking.table, columns, phrase.tests, tail, needs=(ranking.needs,))
    return Question(text, sql, 3 + len(phrase.tests))


RECEIVED: Final = "(incoming payment|deposit|credit|incoming transaction|receipt|inflow)"


def top_received(random: Random) -> Question:
    """The largest receipts."""
    flow = any_flow(random, income=True)
    if flow.direction != "in":
        return top_received(random)
    number = 1 if random.random() < 0.4 else random.randint(2, 15)
    noun = flow.noun or say(random, RECEIVED + ("" if number == 1 else "s"))
    text = say(
        random,
        "<biggest_received>",
        k="" if number == 1 else count_text(random, number),
        np=noun,
        a=flow.adverbs(random),
        b=say(random, "(of|for|by) {w}", w=flow.who) if flow.who else "",
        are=random.choice(("is", "was") if number == 1 else ("are", "were")),
    )
    columns = f"SELECT t.booked_at, t.merchant, {_euros('t.amount_cents', 'amount')}"
    sql = select("transactions", (columns,), flow.tests, first(number, order="t.amount_cents"))
    return Question(text, sql, 2 + len(flow.tests))


PAYMENT: Final = "(purchase|payment|expense|transaction)"


def top_purchases(random: Random) -> Question:
    """The largest payments."""
    flow = any_flow(random, income=False)
    number = 1 if random.random() < 0.3 else random.randint(2, 15)
    by_kind = bool(flow.noun) and random.random() < 0.5
    noun = say(random, PAYMENT + ("" if number == 1 else "s"))
    form = "<top_purchases>" if number > 1 and random.random() < 0.3 else "<biggest_purchases>"
    text = say(
        random,
        form,
        k="" if number == 1 else count_text(random, number),
        np=tidy(f"{flow.noun if by_kind else ''} {noun}"),
        a=flow.adverbs(random, on=not by_kind),
        b=say(random, "(by|of|made by) {w}", w=flow.who) if flow.who else "",
        are=random.choice(("is", "was") if number == 1 else ("are", "were")),
    )
    columns = f"SELECT t.booked_at, t.merchant, {_euros('-t.amount_cents', 'spent')}"
    tail = first(number, down=False, order="t.amount_cents")
    sql = select("transactions", (columns,), flow.tests, tail)
    return Question(text, sql, 2 + len(flow.tests))
