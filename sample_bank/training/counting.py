"""Questions for counts, lists and existence."""

from random import Random
from typing import Final

from sample_bank.training.conditions import named
from sample_bank.training.form import Question, any_thing, counted, described, stated
from sample_bank.training.phrase import Phrase, one_of
from sample_bank.training.query import Comparison, select
from sample_bank.training.things import thing
from sample_bank.training.wording import say, tidy

IN_FRONT: Final = (
    "in",
    "during",
    "on",
    "since",
    "over",
    "within",
    "last",
    "this",
    "before",
    "after",
)


def count(random: Random) -> Question:
    phrase = any_thing(random)
    sql = select(phrase.table, ("SELECT ", counted(phrase)), phrase.tests)
    split = stated(phrase) if random.random() < 0.7 else described(phrase)
    early = bool(phrase.behind) and phrase.behind[-1].split(" ")[0] in IN_FRONT
    if split and random.random() < 0.5:
        text = say(random, "<count_stated>", s=split[0], p=split[1])
    elif early and random.random() < 0.3:
        rest = tidy(" ".join((*phrase.before, phrase.noun, *phrase.behind[:-1])))
        text = say(random, "<count_early>", e=phrase.behind[-1], np=rest)
    else:
        text = say(random, "<count>", np=phrase.text)
    return Question(text, sql, len(phrase.tests))


DISTINCT: Final = (  # of which table, which column, what to call it
    ("transactions", "t.merchant", "merchants", "merchants|shops|stores|vendors"),
    ("transactions", "t.category", "categories", "categories|spending categories"),
    ("transactions", "t.country", "countries", "countries"),
    ("customers", "c.city", "cities", "cities|towns"),
    ("customers", "c.country", "countries", "countries"),
    ("accounts", "a.customer_id", "customers", "customers|clients|people"),
    ("loans", "l.customer_id", "customers", "customers|clients|borrowers|people"),
    ("transactions", "a.customer_id", "customers", "customers|clients|people"),
    ("disputes", "a.customer_id", "customers", "customers|clients|people"),
    ("cards", "a.customer_id", "customers", "customers|clients|people"),
)


def distinct(random: Random) -> Question:
    table, column, alias, words = random.choice(DISTINCT)
    phrase = thing(random, table, random.choice((0, 1, 1, 2)))
    link = "<distinct_link>"
    if alias != "customers":
        link = "<distinct_link_home>" if table == "customers" else "<distinct_link_seen>"
    columns = (f"SELECT COUNT(DISTINCT {column}) AS {alias}",)
    sql = select(table, columns, phrase.tests, needs=(column[0],))
    text = say(
        random,
        f"(how many (different|distinct|unique|separate) {{w}} {link}(?|)"
        "|(number|count) of (different|distinct|unique) {w} (for|in|with|among|behind) {np})",
        w=say(random, f"({words})"),
        np=phrase.text,
    )
    return Question(text, sql, 1 + len(phrase.tests))


HOME: Final = (
    ("customers", "c.city", "cities|towns|places"),
    ("customers", "c.country", "countries|nations"),
)
SEEN: Final = (
    ("transactions", "t.merchant", "merchants|shops|stores|retailers"),
    ("transactions", "t.category", "categories|spending categories"),
    ("transactions", "t.country", "countries"),
    ("branches", "b.city", "cities|towns"),
    ("branches", "b.country", "countries"),
)


def different(random: Random) -> Question:
    """ "In which cities do our premium customers live?" """
    home = random.random() < 0.5
    table, column, words = random.choice(HOME if home else SEEN)
    kept = ("place",) if home else ("place", "shop", "category")
    phrase = thing(random, table, random.choice((0, 1, 1, 2)))
    if phrase.used & set(kept):
        return different(random)
    form = "<different_home>" if home else "<different_seen>"
    text = say(random, form, w=say(random, f"({words})"), np=phrase.text)
    sql = select(table, (f"SELECT DISTINCT {column}",), phrase.tests, needs=(column[0],))
    return Question(text, sql, 2 + len(phrase.tests))


def exists(random: Random) -> Question:
    phrase = any_thing(random, random.choice((1, 2, 2)), but=("branches",))
    split = stated(phrase)
    if phrase.table == "customers" and len(phrase.tests) == 1 and split and random.random() < 0.5:
        text = say(random, "<anyone>", b=phrase.behind[-1], v=split[1])
    else:
        text = say(random, "<exists>", np=phrase.text, one=one_of(random, phrase))
    sql = select(phrase.table, ("SELECT ", counted(phrase)), phrase.tests)
    return Question(text, sql, 1 + len(phrase.tests))


def named_person(random: Random) -> Question:
    who, pieces = named(random)
    sql = select("customers", ("SELECT ", "COUNT(*) AS customers"), (Comparison("c", pieces),))
    return Question(say(random, "<named_person>", w=who), sql, 1)


OWNERS: Final = (  # what is counted, for each of what
    ("accounts", "a.customer_id", "customer|client|person"),
    ("cards", "a.customer_id", "customer|client|person"),
    ("cards", "k.account_id", "account"),
    ("loans", "l.customer_id", "borrower|customer with a loan"),
    ("transactions", "t.account_id", "account"),
    ("transactions", "a.customer_id", "customer|client|person"),
)


def per_one(random: Random) -> Question:
    table, column, owner = random.choice(OWNERS)
    phrase = thing(random, table, random.choices((0, 1), (60, 40))[0])
    text = say(random, "<per_one>", np=phrase.text, o=say(random, f"({owner})"))
    average = f"SELECT ROUND(1.0 * COUNT(*) / COUNT(DISTINCT {column}), 2) AS average_{table}"
    sql = select(table, (average,), phrase.tests, needs=(column[0],))
    return Question(text, sql, 2 + len(phrase.tests))


LISTED: Final = {
    "customers": "c.customer_id, c.name",
    "accounts": "a.account_id, a.type, a.status, ROUND(a.balance_cents / 100.0, 2) AS balance_eur",
    "cards": "k.card_id, k.type, k.status, k.expires_on",
    "loans": "l.loan_id, l.kind, l.status,"
    " ROUND(l.outstanding_cents / 100.0, 2) AS outstanding_eur",
    "disputes": "d.dispute_id, d.reason, d.status, d.opened_on",
    "branches": "b.name, b.city, b.opened_on",
}
"""The columns of a list."""


ONE_DOES: Final = {
    "have": "has",
    "live": "lives",
    "are": "is",
    "joined": "joined",
    "owe": "owes",
    "hold": "holds",
    "own": "owns",
}


def _whose(random: Random, phrase: Phrase, split: tuple[str, str] | None) -> str:
    """ "Who lives in Genoa?", "whose cards are blocked?" """
    if phrase.table != "customers" or phrase.before or not phrase.plain or not split:
        return ""
    if len(phrase.behind) != 1 or random.random() < 0.4:
        return ""
    if phrase.behind[0].startswith("whose "):
        return f"{phrase.behind[0]}?"
    verb, _, rest = split[1].partition(" ")
    return f"who {ONE_DOES[verb]} {rest}?" if verb in ONE_DOES else ""


def listing(random: Random) -> Question:
    table = random.choice(list(LISTED))
    phrase = thing(random, table, random.choices((1, 2, 3), (50, 40, 10))[0])
    split = stated(phrase)
    if split and random.random() < 0.5:
        text = say(random, "<listing_stated>", s=split[0], p=split[1])
    else:
        asked = _whose(random, phrase, split)
        who = "who are " if table == "customers" and random.random() < 0.15 else ""
        text = asked or say(random, f"{who}{{np}}" if who else "<listing>", np=phrase.text)
    sql = select(table, (f"SELECT {LISTED[table]}",), phrase.tests)
    return Question(text, sql, 1 + len(phrase.tests))
