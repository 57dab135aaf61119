"""Figures: aggregates of a numeric column."""

from dataclasses import dataclass
from random import Random
from typing import Final

from sample_bank.training.form import Question, conditions
from sample_bank.training.phrase import Phrase
from sample_bank.training.query import select
from sample_bank.training.things import thing
from sample_bank.training.wording import say


@dataclass(frozen=True, slots=True)
class Figure:
    """``name`` is a phrase name; ``total``: its sum is meaningful."""

    table: str
    column: str
    name: str
    unit: str
    weight: int
    total: bool = False

    def select(self, function: str) -> str:
        inner = f"{function}({self.column})"
        value = f"{inner} / 100.0" if self.unit == "eur" else inner
        prefix = {"SUM": "total", "AVG": "average", "MIN": "lowest", "MAX": "highest"}[function]
        return f"ROUND({value}, 2) AS {prefix}_{self.name}_{self.unit}"


AGE: Final = "(julianday('2026-06-30') - julianday(c.birth_date)) / 365.25"
TENURE: Final = "(julianday('2026-06-30') - julianday(c.joined_on)) / 365.25"
OPEN_DAYS: Final = "julianday(d.closed_on) - julianday(d.opened_on)"
ON_AVERAGE: Final = ("age", "duration", "tenure")
"""Figures with a special question for their average."""

FIGURES: Final = (
    Figure("accounts", "a.balance_cents", "balance", "eur", 27, total=True),
    Figure("loans", "l.outstanding_cents", "outstanding", "eur", 22, total=True),
    Figure("loans", "l.principal_cents", "principal", "eur", 16, total=True),
    Figure("loans", "l.rate_percent", "rate", "percent", 14),
    Figure("loans", "l.term_months", "term", "months", 6),
    Figure("cards", "k.daily_limit_cents", "limit", "eur", 10, total=True),
    Figure("customers", AGE, "age", "years", 10),
    Figure("disputes", OPEN_DAYS, "duration", "days", 4),
    Figure("customers", TENURE, "tenure", "years", 3),
    Figure("loans", "(l.principal_cents - l.outstanding_cents)", "repaid", "eur", 4, total=True),
)


def any_figure(random: Random) -> Figure:
    return random.choices(FIGURES, [figure.weight for figure in FIGURES])[0]


def any_function(random: Random, figure: Figure) -> str:
    weights = (40 if figure.total else 0, 40, 8, 12)
    return random.choices(("SUM", "AVG", "MIN", "MAX"), weights)[0]


def figure(random: Random) -> Question:
    what = any_figure(random)
    function = any_function(random, what)
    phrase = _rows(random, what)
    sql = select(what.table, ("SELECT ", what.select(function)), phrase.tests)
    return Question(_asked(random, what, function, phrase), sql, 1 + len(phrase.tests))


HEADS: Final = (  # a total for each customer who has some
    (
        "accounts",
        "a.balance_cents",
        "a.customer_id",
        "balance",
        "(customer|client|person|head|account holder|capita)",
    ),
    (
        "loans",
        "l.outstanding_cents",
        "l.customer_id",
        "outstanding",
        "(borrower|customer|client|person|head|debtor)",
    ),
    ("loans", "l.principal_cents", "l.customer_id", "principal", "(borrower|customer|client|head)"),
)


def per_head(random: Random) -> Question:
    """ "The average wealth per customer": all of them together, divided by how many have some."""
    table, column, owner, name, heads = random.choice(HEADS)
    rows = thing(random, table, random.choices((0, 1, 2), (45, 40, 15))[0])
    average = (
        f"ROUND(SUM({column}) / 100.0 / COUNT(DISTINCT {owner}), 2) AS {name}_per_customer_eur"
    )
    text = say(random, f"<{name}_per_head>", np=rows.text, h=say(random, heads))
    return Question(text, select(table, ("SELECT ", average), rows.tests), 2 + len(rows.tests))


def _rows(random: Random, what: Figure) -> Phrase:
    """Rows of the figure's table. For balances and debts, also customers."""
    if what.name in ("balance", "outstanding") and random.random() < 0.22:
        owner = thing(random, "customers", random.choice((1, 1, 2)))
        return Phrase(what.table, noun=owner.text, tests=owner.tests, used=frozenset({"owner"}))
    return thing(random, what.table, conditions(random)).shuffled(random)


def _asked(random: Random, what: Figure, function: str, phrase: Phrase) -> str:
    roll = random.random()
    if function == "SUM" and roll < 0.55:
        return say(random, f"<{what.name}_total>", np=phrase.text)
    if function == "AVG" and what.name in ON_AVERAGE and roll < 0.4:
        return say(random, f"<{what.name}_average>", np=phrase.text)
    noun = say(random, f"<{what.name}>")
    if function == "AVG" and roll < 0.6 and random.random() < 0.35:
        return say(random, "<average>", n=noun, np=phrase.text)
    form = "<figure_curt>" if random.random() < 0.22 else "<figure>"
    return say(random, form, w=say(random, f"<{function}>"), n=noun, np=phrase.text)
