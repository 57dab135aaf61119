"""Customers and accounts that have nothing of a kind, only one kind, or nothing any more."""

from random import Random
from typing import Final

from sample_bank.training.periods import period
from sample_bank.training.phrase import Phrase
from sample_bank.training.query import Comparison
from sample_bank.training.wording import say

ACCOUNTS: Final = "(SELECT 1 FROM accounts a WHERE a.customer_id = c.customer_id"
LOANS: Final = "(SELECT 1 FROM loans l WHERE l.customer_id = c.customer_id"
CARDS: Final = (
    "(SELECT 1 FROM cards k JOIN accounts a ON a.account_id = k.account_id"
    " WHERE a.customer_id = c.customer_id"
)
USED: Final = "(SELECT 1 FROM transactions t WHERE t.account_id = a.account_id"
PAID: Final = (
    "(SELECT 1 FROM transactions t JOIN accounts a ON a.account_id = t.account_id"
    " WHERE a.customer_id = c.customer_id"
)

ONLY: Final = (  # what alone, of which table, its column and value
    ("savings accounts|savings", ACCOUNTS, "a.type", "savings"),
    ("current accounts|a current account|a checking account", ACCOUNTS, "a.type", "current"),
    ("student accounts|a student account", ACCOUNTS, "a.type", "student"),
    ("closed accounts", ACCOUNTS, "a.status", "closed"),
    ("dormant accounts|inactive accounts", ACCOUNTS, "a.status", "dormant"),
    ("debit cards|a debit card", CARDS, "k.type", "debit"),
    ("credit cards|a credit card", CARDS, "k.type", "credit"),
    ("blocked cards", CARDS, "k.status", "blocked"),
    ("expired cards", CARDS, "k.status", "expired"),
    ("mortgages|a mortgage", LOANS, "l.kind", "mortgage"),
    ("repaid loans", LOANS, "l.status", "repaid"),
)


def only(random: Random, phrase: Phrase) -> Phrase:
    """ "who have nothing but savings accounts"."""
    words, inner, column, value = random.choice(ONLY)
    tests = (
        Comparison("c", (f" EXISTS {inner}", " AND", f" {column} = ", f"'{value}'", ")")),
        Comparison("c", (f" NOT EXISTS {inner}", " AND", f" {column} <> ", f"'{value}'", ")")),
    )
    return phrase.having(
        "holding", *tests, behind=say(random, "<only>", t=say(random, f"({words})"))
    )


def left(random: Random, phrase: Phrase) -> Phrase:
    """Customers with only closed accounts."""
    pieces = (f" NOT EXISTS {ACCOUNTS}", " AND", " a.status <> ", "'closed'", ")")
    return phrase.having("holding", Comparison("c", pieces), behind=say(random, "<left>"))


def unused(random: Random, phrase: Phrase) -> Phrase:
    """Accounts without transactions, in a period or at all."""
    return _without(random, phrase, "a", USED, "<not_moved>")


def paying_nothing(random: Random, phrase: Phrase) -> Phrase:
    """Customers without transactions, in a period or at all."""
    return _without(random, phrase, "c", PAID, "<paying_nothing>")


def _without(random: Random, phrase: Phrase, alias: str, inner: str, words: str) -> Phrase:
    when = ""
    pieces: tuple[str, ...] = (f" NOT EXISTS {inner}",)
    if random.random() < 0.75:
        when, test = period(random, "t.booked_at", (2025, 2026))
        pieces = (*pieces, " AND", *test)
    test_of = Comparison(alias, (*pieces, ")"))
    return phrase.having("holding", test_of, behind=say(random, words, w=when))
