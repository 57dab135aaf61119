"""Noun phrases about each table, with the conditions that apply to it.

[before] noun [behind] [of an owner]      "frozen savings accounts of premium clients in Lisbon"
"""

from random import Random
from typing import Final

from sample_bank.training import ages, holdings, values
from sample_bank.training.conditions import (
    Adder,
    above_average,
    abroad,
    age,
    amount,
    branch,
    carded,
    category,
    city,
    country,
    dated,
    direction,
    figure,
    named,
    numbered,
    on_weekday,
    overdrawn,
    rate,
    shop,
    worded,
    years_long,
)
from sample_bank.training.numbers import compared, money, money_test, number_test
from sample_bank.training.periods import period
from sample_bank.training.phrase import Phrase, one_of, singular
from sample_bank.training.query import Comparison, Pieces
from sample_bank.training.wording import say

# -- what a customer has ---------------------------------------------------------------------------

_ACCOUNTS: Final = "JOIN accounts a ON a.account_id ="
HELD: Final = {
    "accounts": "FROM accounts a",
    "loans": "FROM loans l",
    "cards": f"FROM cards k {_ACCOUNTS} k.account_id",
    "transactions": f"FROM transactions t {_ACCOUNTS} t.account_id",
    "disputes": "FROM disputes d JOIN transactions t ON t.transaction_id = d.transaction_id"
    f" {_ACCOUNTS} t.account_id",
}


def _of_customer(table: str, what: str) -> str:
    owner = "l" if table == "loans" else "a"
    return f"(SELECT {what} {HELD[table]} WHERE {owner}.customer_id = c.customer_id"


def any_held(random: Random) -> Phrase:
    held = bare(random, random.choices(list(HELD), (28, 26, 26, 9, 11))[0])
    for _ in range(random.choices((0, 1, 2), (40, 50, 10))[0]):
        held = add_one(random, held, own=True)
    return held


def _inner(held: Phrase) -> Pieces:
    return tuple(piece for test in held.tests for piece in (" AND", *test.pieces))


def _exists(held: Phrase, word: str) -> Comparison:
    return Comparison("c", (f" {word} {_of_customer(held.table, '1')}", *_inner(held), ")"))


def holding_two(random: Random, phrase: Phrase) -> Phrase:
    """ "with a mortgage and a credit card", "who have a loan but no card"."""
    first, other = any_held(random), any_held(random)
    if first.text == other.text:
        return phrase
    one = one_of(random, first)
    if random.random() < 0.45:
        tests = (_exists(first, "EXISTS"), _exists(other, "NOT EXISTS"))
        last = random.choice((other.text, singular(other)))
        words = say(random, "<with_but_without>", a=one, b=last)
    else:
        tests = (_exists(first, "EXISTS"), _exists(other, "EXISTS"))
        words = say(random, "<with_both>", a=one, b=one_of(random, other))
    return phrase.having("holding", *tests, behind=words)


def spent(random: Random, phrase: Phrase) -> Phrase:
    """ "who spent more than 5,000 euros on groceries in 2025"."""
    text, amount = money(random)
    said, operator = compared(random, text)
    lead = _of_customer("transactions", "-SUM(t.amount_cents)")
    pieces: Pieces = (f" {lead} AND t.amount_cents < 0",)
    adverbs = ""
    if random.random() < 0.4:
        kinds = values.wordings("category")
        kind = random.choice(values.EXPENSES)
        adverbs = say(random, f"(on|on|for) ({kinds[kind].behind})")
        pieces = (*pieces, " AND", " t.category = ", f"'{kind}'")
    if random.random() < 0.6:
        words, when = period(random, "t.booked_at", (2025, 2026))
        adverbs = f"{adverbs} {words}"
        pieces = (*pieces, " AND", *when)
    behind = say(random, "<who_spent>", a=said, x=adverbs)
    return phrase.having("spent", Comparison("c", (*pieces, ")", operator, *amount)), behind=behind)


def holding(random: Random, phrase: Phrase) -> Phrase:
    """ "with a mortgage", "without any card", "who have more than two loans"."""
    if random.random() < 0.17:
        return holding_two(random, phrase)
    held = any_held(random)
    table, inner = held.table, _inner(held)
    roll = random.random()
    if len(held.before) == 1 and not held.behind and random.random() < 0.25:
        one = say(
            random,
            "(whose {n} are|whose {n} have become|with their {n}) {b}",
            n=held.noun,
            b=held.before[0],
        )
        return phrase.having("holding", _exists(held, "EXISTS"), behind=one)
    if roll < 0.45:
        words = say(random, f"(<with_one>|<with_one_{table}>)", t=one_of(random, held))
        pieces: Pieces = _exists(held, "EXISTS").pieces
    elif roll < 0.7:
        words = say(random, "<without>", t=random.choice((held.text, singular(held))))
        pieces = _exists(held, "NOT EXISTS").pieces
    else:
        said, compare = number_test(random, "", 1, 12 if table == "transactions" else 4)
        words = say(random, "<with_some>", f=said, t=held.text)
        pieces = (f" {_of_customer(table, 'COUNT(*)')}", *inner, ")", *compare[1:])
    return phrase.having("holding", Comparison("c", pieces), behind=words)


def total(random: Random, phrase: Phrase) -> Phrase:
    """ "whose total balance is above 50,000 euros"."""
    balance = ("accounts", "SUM(a.balance_cents)", "<with_total_balance>")
    debt = ("loans", "SUM(l.outstanding_cents)", "<with_total_debt>")
    table, what, words = random.choice((balance, balance, debt))
    said, pieces = money_test(random, f"{_of_customer(table, what)})")
    return phrase.having("total", Comparison("c", pieces), behind=say(random, words, a=said))


# -- the tables ------------------------------------------------------------------------------------

JOINED: Final = (2004, 2026)
ADDERS: Final[dict[str, tuple[tuple[Adder, int], ...]]] = {
    "customers": (
        (worded("c.segment", values.wordings("segment")), 20),
        (city("c"), 18),
        (country("c", values.HOME), 16),
        (age, 9),
        (dated("c.joined_on", "joined", JOINED), 12),
        (dated("c.birth_date", "born", (1938, 2007)), 5),
        (branch, 4),
        (holding, 20),
        (total, 4),
        (spent, 4),
        (ages.long_ago("c.joined_on", "joined_ago", "year", "year", "month"), 4),
        (holdings.only, 3),
        (holdings.left, 2),
        (holdings.paying_nothing, 3),
    ),
    "accounts": (
        (worded("a.type", values.wordings("account_type")), 30),
        (worded("a.status", values.wordings("account_status")), 24),
        (amount("a", "a.balance_cents", "with_balance"), 13),
        (overdrawn, 6),
        (carded, 6),
        (above_average("a", "accounts", "balance_cents", "balance"), 3),
        (dated("a.opened_on", "account_opened", JOINED), 16),
        (ages.long_ago("a.opened_on", "account_age", "year", "year", "month"), 4),
        (holdings.unused, 3),
    ),
    "cards": (
        (worded("k.type", values.wordings("card_type")), 30),
        (worded("k.status", values.wordings("card_status")), 28),
        (amount("k", "k.daily_limit_cents", "with_limit"), 12),
        (dated("k.issued_on", "issued", (2020, 2026)), 12),
        (dated("k.expires_on", "expires", (2024, 2030)), 7),
        (ages.long_ago("k.issued_on", "issued_ago", "year", "month"), 3),
    ),
    "transactions": (
        (category, 26),
        (shop, 10),
        (worded("t.channel", values.wordings("channel"), 0.02), 18),
        (country("t", values.EVERYWHERE), 16),
        (amount("t", "ABS(t.amount_cents)", "of_amount"), 12),
        (dated("t.booked_at", "booked", (2025, 2026)), 36),
        (direction, 6),
        (abroad, 2),
        (on_weekday, 2),
    ),
    "loans": (
        (worded("l.kind", values.wordings("loan_kind")), 30),
        (worded("l.status", values.wordings("loan_status")), 26),
        (amount("l", "l.principal_cents", "with_principal"), 8),
        (amount("l", "l.outstanding_cents", "with_outstanding"), 8),
        (above_average("l", "loans", "principal_cents", "principal"), 1),
        (above_average("l", "loans", "rate_percent", "rate"), 2),
        (figure("l.rate_percent", "with_rate", 1, 12), 10),
        (rate, 5),
        (figure("l.term_months", "with_term", 12, 360), 5),
        (years_long, 4),
        (dated("l.started_on", "loan_started", (2012, 2026)), 14),
        (ages.long_ago("l.started_on", "started_ago", "year", "year", "month"), 4),
        (ages.ends, 3),
        (ages.repaid_early, 3),
    ),
    "disputes": (
        (worded("d.reason", values.wordings("reason")), 28),
        (worded("d.status", values.wordings("dispute_status")), 28),
        (dated("d.opened_on", "dispute_opened", (2025, 2026)), 20),
        (dated("d.closed_on", "dispute_closed", (2025, 2026)), 8),
        (shop, 7),
        (category, 8),
        (amount("t", "ABS(t.amount_cents)", "about_amount"), 5),
        (ages.pending, 5),
        (ages.took, 5),
        (ages.decided, 3),
    ),
    "branches": (
        (city("b"), 20),
        (country("b", values.HOME), 40),
        (dated("b.opened_on", "branch_opened", (1961, 2020)), 20),
    ),
}
"""The conditions of each table, with their weights."""

OWNED: Final = ("accounts", "cards", "transactions", "loans", "disputes")


def bare(random: Random, table: str) -> Phrase:
    return Phrase(table, noun=say(random, f"<{table}>"))


def add_one(random: Random, phrase: Phrase, *, own: bool = False) -> Phrase:
    """Adds a condition of a new kind. ``own`` restricts it to the table itself."""
    known = ADDERS[phrase.table]
    adders, weights = [adder for adder, _ in known], [weight for _, weight in known]
    for _ in range(20):
        found = random.choices(adders, weights)[0](random, phrase)
        fits = len(found.used) > len(phrase.used)
        other = any(test.needs != found_in(phrase.table) for test in found.tests)
        if fits and not (own and other):
            return found
    return phrase


def found_in(table: str) -> str:
    """The alias of a table."""
    return {"cards": "k"}.get(table, table[0])


def owned(random: Random, phrase: Phrase, conditions: int = 1) -> Phrase:
    """Adds an owner: a person, or customers of some kind."""
    words = say(random, f"<{phrase.table}_of>")
    alias = "l" if phrase.table == "loans" else "a"
    roll = random.random()
    if roll < 0.16 and phrase.table in ("cards", "transactions"):
        number, pieces = numbered(random, f"{found_in(phrase.table)}.account_id", 20001, 21900)
        test = Comparison(found_in(phrase.table), pieces)
        return phrase.having("owner", test, behind=say(random, "<for_account>", n=number))
    if roll < 0.2:
        number, pieces = numbered(random, f"{alias}.customer_id", 1001, 2200)
        who = say(random, "<customer_number>", n=number)
        return phrase.having("owner", Comparison(alias, pieces), behind=f"{words} {who}")
    if roll < 0.4:
        who, pieces = named(random)
        who = say(random, "(||||customer|client) {w}", w=who)
        return phrase.having("owner", Comparison("c", pieces), behind=f"{words} {who}")
    owner = thing(random, "customers", conditions)
    place = owner.behind[0] if owner.used == {"place"} and not owner.before else ""
    if place.startswith(("in ", "from ")) and random.random() < 0.4:
        return phrase.having("owner", *owner.tests, behind=place)
    return phrase.having("owner", *owner.tests, behind=f"{words} {owner.text}")


def thing(random: Random, table: str, conditions: int) -> Phrase:
    """A phrase with about this many conditions."""
    phrase = bare(random, table)
    inner = 0
    if table in OWNED and conditions and random.random() < 0.3:
        inner = 2 if conditions > 2 and random.random() < 0.3 else 1
    for _ in range(conditions - inner):
        phrase = add_one(random, phrase)
    return owned(random, phrase, inner) if inner else phrase
