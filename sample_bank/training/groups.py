"""Figures by group, and the groups with the highest or lowest figure."""

from dataclasses import dataclass
from random import Random
from typing import Final

from sample_bank.training.dimensions import (
    ABROAD,
    CATEGORY,
    CUSTOMER,
    DIMENSIONS,
    MONTH,
    SHOP,
    Dimension,
)
from sample_bank.training.flows import SELECTS, any_flow
from sample_bank.training.form import Question, any_thing, counted
from sample_bank.training.measures import any_figure, any_function
from sample_bank.training.numbers import compared, count_text, euros, number_test
from sample_bank.training.query import Comparison, Copied, Pieces, select
from sample_bank.training.things import OWNED, thing
from sample_bank.training.wording import say, tidy


@dataclass(frozen=True, slots=True)
class Measured:
    """An aggregate by group: its name, its column and its rows.

    ``plain`` is the counted noun, if rows are counted. ``used`` are the fixed dimensions.
    """

    table: str
    noun: str
    column: str
    tests: tuple[Comparison, ...]
    used: frozenset[str]
    plain: str = ""


def measured(random: Random) -> Measured:
    number = random.choices((0, 1, 2), (42, 42, 16))[0]
    roll = random.random()
    if roll < 0.45:
        phrase = any_thing(random, number)
        noun = say(random, "<counted> of {np}", np=phrase.text)
        column = counted(phrase)
        return Measured(phrase.table, noun, column, phrase.tests, phrase.used, phrase.text)
    return _figure(random, number) if roll < 0.75 else _flow(random)


def _figure(random: Random, number: int) -> Measured:
    what = any_figure(random)
    function = any_function(random, what)
    phrase = thing(random, what.table, number)
    noun = say(random, f"<{function}> <{what.name}>")
    if phrase.tests or random.random() < 0.5:
        noun += f" of {phrase.text}"
    return Measured(what.table, noun, what.select(function), phrase.tests, phrase.used)


def _flow(random: Random) -> Measured:
    owner = False if random.random() < 0.8 else None
    flow = any_flow(random, owner=owner, dated=0.45, category=0.4)
    function = "SUM" if random.random() < 0.85 else "AVG"
    if flow.direction == "out":
        head = say(random, "<flow_head>" if function == "SUM" else "<flow_head_average>")
    else:
        head = say(random, "(total|)" if function == "SUM" else "(average|mean)")
        head = f"{head} {flow.noun or 'income'}"
    by = f"by {flow.who}" if flow.who else ""
    noun = tidy(f"{head} {flow.adverbs(random)} {by}")
    column = SELECTS[flow.direction, function]
    return Measured("transactions", noun, column, flow.tests, flow.used)


def any_dimension(random: Random, what: Measured) -> Dimension:
    """A dimension that the question has not fixed."""
    owned = {"segment", "place", "branch"} if "owner" in what.used else set()
    known = DIMENSIONS[what.table]
    free = [d for d in known if d.kind not in what.used | owned]
    return random.choice(free or known)


def grouped(random: Random) -> Question:
    what = measured(random)
    by = any_dimension(random, what)
    tail = (*by.tail, f" ORDER BY {by.column}") if by.kind == "time" else by.tail
    columns = (f"SELECT {by.select}, ", what.column)
    sql = select(what.table, columns, what.tests, tail, needs=(by.needs,))
    form = "<grouped_count>" if what.plain and random.random() < 0.6 else "<grouped>"
    text = say(
        random, form, np=what.plain, n=what.noun, o=by.any_one(random), m=by.any_many(random)
    )
    return Question(text, sql, 2 + len(what.tests))


def ranked(random: Random) -> Question:
    """All groups, highest first: "rank the branches by customers"."""
    what = measured(random)
    by = any_dimension(random, what)
    if by.kind == "time":
        return ranked(random)
    down = random.random() < 0.85
    columns = (f"SELECT {by.select}, ", what.column)
    tail = (*by.tail, " ORDER BY 2", " DESC" if down else "")
    sql = select(what.table, columns, what.tests, tail, needs=(by.needs,))
    form = "<ranked>" if down else "<ranked_up>"
    text = say(random, form, n=what.plain or what.noun, o=by.any_one(random), m=by.any_many(random))
    return Question(text, sql, 3 + len(what.tests))


ORDINAL: Final = (("second", 1), ("second", 1), ("third", 2), ("fourth", 3))


def next_best(random: Random) -> Question:
    """ "Which city has the second most customers?" """
    what = measured(random)
    by = any_dimension(random, what)
    word, skipped = random.choice(ORDINAL)
    down = random.random() < 0.8
    most, least = (
        ("most", "largest number of", "highest number of"),
        ("fewest", "smallest number of", "lowest number of"),
    )
    high, low = ("highest", "largest", "biggest"), ("lowest", "smallest")
    ends = (most if down else least) if what.plain else (high if down else low)
    extreme = f"{word}{random.choice((' ', '-'))}{random.choice(ends)}"
    columns = (f"SELECT {by.select}, ", what.column)
    tail = (*by.tail, *first(1, down=down), f" OFFSET {skipped}")
    sql = select(what.table, columns, what.tests, tail, needs=(by.needs,))
    form = "<best_count>" if what.plain else "<best>"
    text = say(random, form, w=extreme, n=what.noun, np=what.plain, o=by.any_one(random))
    return Question(text, sql, 4 + len(what.tests))


def grouped_twice(random: Random) -> Question:
    """A figure by two dimensions: "accounts by type and status"."""
    what = measured(random)
    by = any_dimension(random, what)
    others = [d for d in DIMENSIONS[what.table] if d.kind not in what.used | {by.kind}]
    if not others:
        return grouped_twice(random)
    also = random.choice(others)
    columns = (f"SELECT {by.select}, ", f"{also.select}, ", what.column)
    tail = (*by.tail, f", {also.group or also.column}")
    sql = select(what.table, columns, what.tests, tail, needs=(by.needs, also.needs))
    noun = what.plain if what.plain and random.random() < 0.6 else what.noun
    text = say(random, "<grouped_twice>", n=noun, o=by.any_one(random), p=also.any_one(random))
    return Question(text, sql, 3 + len(what.tests))


def groups_above(random: Random) -> Question:
    """The groups above a threshold: "cities with more than 100 customers"."""
    what = measured(random)
    by = any_dimension(random, what)
    computed = what.column.partition(" AS ")[0]
    if what.column.endswith("_eur"):
        text, amount = euros(random)
        said, operator = compared(random, text)
        test: Pieces = (operator, *amount)
    else:
        said, (_, *rest) = number_test(random, "", 2, 300)
        test = tuple(rest)
    columns = (f"SELECT {by.select}, ", what.column)
    tail = (*by.tail, f" HAVING {computed}", *test)
    sql = select(what.table, columns, what.tests, tail, needs=(by.needs,))
    form = "<groups_count_above>" if what.plain else "<groups_above>"
    asked = say(random, form, m=by.any_many(random), f=said, np=what.plain, n=what.noun)
    return Question(asked, sql, 3 + len(what.tests))


# -- the best --------------------------------------------------------------------------------------


def first(number: int, *, down: bool = True, order: str = "2") -> Pieces:
    pieces = (f" ORDER BY {order}", " DESC" if down else "", " LIMIT ", Copied(str(number)))
    return tuple(piece for piece in pieces if piece)


def best_group(random: Random) -> Question:
    what = measured(random)
    by = any_dimension(random, what)
    if what.table in OWNED and "owner" not in what.used and random.random() < 0.3:
        by = CUSTOMER
    down = random.random() < 0.78
    number = 1 if random.random() < 0.6 else random.randint(2, 12)
    columns = (f"SELECT {by.select}, ", what.column)
    tail = (*by.tail, *first(number, down=down))
    sql = select(what.table, columns, what.tests, tail, needs=(by.needs,))
    text = _one_best(random, what, by, down) if number == 1 else ""
    text = text or _some_best(random, what, by, down, number)
    return Question(text, sql, 3 + len(what.tests))


def _one_best(random: Random, what: Measured, by: Dimension, down: bool) -> str:
    if what.plain and by is not CUSTOMER and random.random() < 0.12:
        extreme = "<most_common>" if down else "<least_common>"
        return say(random, "<popular>", w=say(random, extreme), o=by.any_one(random), np=what.plain)
    where = bool(by.where) and random.random() < 0.5
    if what.plain:
        form = "best_count_who" if by is CUSTOMER else "best_count_where" if where else "best_count"
        extreme = "<most_of_them>" if down else "<fewest_of_them>"
    else:
        form = "best_who" if by is CUSTOMER else "best_where" if where else "best"
        form = "best_first" if form == "best" and down and random.random() < 0.2 else form
        extreme = "<most>" if down else "<least>"
    return say(
        random,
        f"<{form}>",
        w=say(random, extreme),
        n=what.noun,
        np=what.plain,
        o=by.any_one(random),
        q="" if by is CUSTOMER else by.any_where(random),
    )


def _some_best(random: Random, what: Measured, by: Dimension, down: bool, number: int) -> str:
    top = down and random.random() < 0.4
    if what.plain:
        form, extreme = "best_counts", "<most_of_them>" if down else "<fewest_of_them>"
        form = "top_counts" if top else form
    else:
        form, extreme = "top_bests" if top else "bests", "<most>" if down else "<least>"
    return say(
        random,
        f"<{form}>",
        w=say(random, extreme),
        n=what.noun,
        np=what.plain,
        m=by.any_many(random),
        k=count_text(random, number),
    )


SPENT: Final = (
    ("spender", CUSTOMER),
    ("spenders", CUSTOMER),
    ("spent_where", SHOP),
    ("spent_on_what", CATEGORY),
    ("spent_when", MONTH),
    ("spent_abroad", ABROAD),
)


def top_spending(random: Random) -> Question:
    """The top spender, place, category or time."""
    form, by = random.choice(SPENT)
    flow = any_flow(
        random,
        income=False,
        owner=False,
        dated=0.3 if by is MONTH else 0.6,
        category=0.0 if by.kind == "category" else 0.45,
        shop=0.0 if by.kind in ("category", "shop") else 0.2,
    )
    if by.kind in flow.used - {"time"}:
        return top_spending(random)
    number = random.randint(2, 10) if form == "spenders" else 1
    text = say(random, f"<{form}>", a=flow.adverbs(random), k=count_text(random, number))
    columns = (f"SELECT {by.select}, ", SELECTS["out", "SUM"])
    tail = (*by.tail, *first(number))
    sql = select("transactions", columns, flow.tests, tail, needs=(by.needs,))
    return Question(text, sql, 3 + len(flow.tests))
