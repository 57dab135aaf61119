"""Shares of a whole, comparisons of two groups, changes between two periods."""

from dataclasses import dataclass
from random import Random
from typing import Final

from sample_bank.training.flows import SELECTS, any_flow
from sample_bank.training.form import Question, counted, described, stated
from sample_bank.training.measures import FIGURES
from sample_bank.training.periods import month_name
from sample_bank.training.phrase import Phrase
from sample_bank.training.query import Comparison, Copied, Pieces, select
from sample_bank.training.things import add_one, bare
from sample_bank.training.values import CITIES, HOME
from sample_bank.training.wording import say

SHARED: Final = {
    "customers": 20, "accounts": 20, "cards": 20, "transactions": 12, "loans": 18, "disputes": 14
}  # fmt: skip


def share(random: Random) -> Question:
    table = random.choices(list(SHARED), list(SHARED.values()))[0]
    whole = bare(random, table)
    if random.random() < 0.38:
        whole = add_one(random, whole)
    part = add_one(random, Phrase(table, noun=whole.noun, used=whole.used))
    if part.noun != whole.noun:
        return share(random)
    needs = {test.needs for test in part.tests}
    first, last = "SELECT ROUND(100.0 * SUM(CASE WHEN", " THEN 1 ELSE 0 END) / COUNT(*), 2)"
    columns = (first, *part.tests[0].pieces, f"{last} AS percent")
    sql = select(table, columns, whole.tests, needs=needs)
    split = stated(part) or described(part)
    if split and random.random() < 0.7:
        text = say(random, "<share_stated>", w=whole.text, p=split[1])
    else:
        text = say(random, "<share_of>", w=whole.text, p=part.text)
    return Question(text, sql, 3 + len(whole.tests))


# -- two groups ------------------------------------------------------------------------------------

PAIRS: Final = (
    ("customers", "c.segment", ("retail", "premium", "private", "business")),
    ("accounts", "a.type", ("current", "savings", "student", "business")),
    ("accounts", "a.status", ("active", "dormant", "frozen", "closed")),
    ("cards", "k.type", ("debit", "credit", "virtual")),
    ("cards", "k.status", ("active", "blocked", "expired")),
    ("loans", "l.kind", ("mortgage", "car", "personal", "student", "business")),
    ("loans", "l.status", ("active", "late", "defaulted", "repaid")),
    ("disputes", "d.status", ("open", "won", "lost", "withdrawn")),
    ("disputes", "d.reason", ("fraud", "duplicate", "cancelled")),
)
PLACES: Final = (("c.city", CITIES), ("c.country", HOME))


@dataclass(frozen=True, slots=True)
class Two:
    """Two values of a column, with the names of their rows."""

    table: str
    column: str
    one: str
    other: str
    noun: str

    @property
    def place(self) -> bool:
        return self.column in ("c.city", "c.country")

    @property
    def names(self) -> tuple[str, str]:
        if self.place:
            return f"{self.noun} in {self.one}", f"{self.noun} in {self.other}"
        if self.column == "l.kind" and "mortgage" in (self.one, self.other):
            return tuple(
                "mortgages" if kind == "mortgage" else f"{kind} {self.noun}"
                for kind in (self.one, self.other)
            )  # type: ignore[return-value]
        return f"{self.one} {self.noun}", f"{self.other} {self.noun}"

    @property
    def test(self) -> Comparison:
        pieces = (f" {self.column} IN (", f"'{self.one}'", ", ", f"'{self.other}'", ")")
        return Comparison(self.column[0], pieces)


def _two(random: Random, tables: tuple[str, ...], place: float) -> Two:
    if random.random() < place:
        table = random.choice(tables)
        column, names = random.choice(PLACES)
    else:
        table, column, names = random.choice([pair for pair in PAIRS if pair[0] in tables])
    one, other = random.sample(names, 2)
    return Two(table, column, one, other, say(random, f"<{table}>"))


def compare(random: Random) -> Question:
    two = _two(random, ("customers", "accounts", "cards", "loans", "disputes"), 0.35)
    phrase = Phrase(two.table, noun=two.noun)
    if random.random() < 0.3 and not two.place:
        used = frozenset({"type", "status", "kind", "segment", "reason"})
        extra = add_one(random, Phrase(two.table, used=used))
        phrase = extra if extra.behind and not extra.before else phrase
    behind = " ".join(phrase.behind)
    left, right = two.names
    if random.random() < 0.4:
        sql = select(two.table, _difference(two), phrase.tests, needs=(two.column[0],))
        short = left if two.place or random.random() < 0.5 else two.one
        return Question(say(random, "<difference>", l=short, r=right, x=behind), sql, 3)
    columns = (f"SELECT {two.column}, ", counted(phrase))
    sql = select(two.table, columns, (two.test, *phrase.tests), (f" GROUP BY {two.column}",))
    if two.place and random.random() < 0.6:
        slots = {"t": two.noun, "a": two.one, "b": two.other, "x": behind}
        return Question(say(random, "<compared_places>", **slots), sql, 3)
    return Question(say(random, "<compared>", l=left, r=right, x=behind), sql, 3)


def _difference(two: Two) -> Pieces:
    column = f" {two.column} = "
    middle = " THEN 1 ELSE 0 END) - SUM(CASE WHEN"
    last = " THEN 1 ELSE 0 END) AS difference"
    return (
        *("SELECT SUM(CASE WHEN", column, f"'{two.one}'", middle),
        *(column, f"'{two.other}'", last),
    )


def compare_figure(random: Random) -> Question:
    """A figure for two groups."""
    what = random.choice(FIGURES[:4])
    function = random.choice(("SUM", "AVG") if what.total else ("AVG",))
    if random.random() < 0.3:
        one, other = random.sample(PAIRS[0][2], 2)
        two = Two(what.table, "c.segment", one, other, say(random, f"<{what.table}>"))
    else:
        two = _two(random, (what.table,), 0.4)
    left, right = two.names
    noun = say(random, f"<{function}> <{what.name}>")
    columns = (f"SELECT {two.column}, ", what.select(function))
    sql = select(what.table, columns, (two.test,), (f" GROUP BY {two.column}",))
    return Question(say(random, "<compared_figure>", n=noun, l=left, r=right), sql, 3)


# -- two times -------------------------------------------------------------------------------------


def change(random: Random) -> Question:
    """The change of spending between two months or years."""
    flow = any_flow(random, income=False, dated=0)
    first, last, one, other = _years() if random.random() < 0.3 else _months(random)
    width, alias = (4, "year") if len(one) == 1 else (7, "month")
    column = f"substr(t.booked_at, 1, {width})"
    test = Comparison("t", (f" {column} IN ('", *one, "', '", *other, "')"))
    text = say(
        random,
        "<changed>",
        h=say(random, "(spending|expenditure|total spending|spend|money spent)"),
        x=flow.adverbs(random),
        w=f"by {flow.who}" if flow.who else "",
        a=first,
        b=last,
    )
    columns = (f"SELECT {column} AS {alias}, ", SELECTS["out", "SUM"])
    sql = select("transactions", columns, (*flow.tests, test), (f" GROUP BY {column}",))
    return Question(text, sql, 3)


Times = tuple[str, str, Pieces, Pieces]


def _years() -> Times:
    return "2025", "2026", (Copied("2025"),), (Copied("2026"),)


def _months(random: Random) -> Times:
    year = random.choice((2025, 2026))
    low = random.randint(1, 11 if year == 2025 else 5)
    high = random.choice((low + 1, low + 1, random.randint(low + 1, 12)))
    first, last = month_name(random, low), f"{month_name(random, high)} {year}"
    if random.random() < 0.4:
        first = f"{first} {year}"
    return first, last, (Copied(str(year)), f"-{low:02}"), (Copied(str(year)), f"-{high:02}")
