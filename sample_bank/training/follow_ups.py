"""Follow-up questions: "and how many of those are blocked?"

The previous question is the line before it.
"""

from random import Random
from typing import Final

from sample_bank.training.counting import LISTED
from sample_bank.training.dimensions import DIMENSIONS
from sample_bank.training.form import Question, any_thing, counted, described, stated
from sample_bank.training.measures import FIGURES, any_function
from sample_bank.training.phrase import Phrase
from sample_bank.training.query import Pieces, select
from sample_bank.training.things import add_one, bare
from sample_bank.training.wording import say, tidy

SEPARATOR: Final = "\n"
TABLES: Final = ("customers", "accounts", "cards", "loans", "disputes", "transactions")


def follow_up(random: Random) -> Question:
    forms = (
        _narrowed,
        _narrowed,
        _narrowed,
        _replaced,
        _replaced,
        _replaced,
        _measured,
        _listed,
        _split,
    )
    return random.choice(forms)(random)


def _joined(first: str, second: str, sql: Pieces, level: int) -> Question:
    return Question(f"{first}{SEPARATOR}{second}", sql, level)


def _count(phrase: Phrase) -> Pieces:
    return select(phrase.table, ("SELECT ", counted(phrase)), phrase.tests)


def _narrowed(random: Random) -> Question:
    """ "How many cards are there?" - "How many of them are blocked?" """
    base = any_thing(random, random.choice((0, 1, 1, 2)), but=("branches",))
    extra = add_one(random, Phrase(base.table, noun="ones", used=base.used, plain=False))
    if len(extra.tests) < 1:
        return _narrowed(random)
    whole = (*base.tests, *extra.tests)
    split = stated(extra) or described(extra)
    short = tidy(
        f"{' '.join(extra.before)} {'ones' if extra.before else ''} {' '.join(extra.behind)}"
    )
    if split and random.random() < 0.6:
        second = say(random, "<of_those>", p=split[1])
    else:
        second = say(random, "<only_those>", x=short)
    sql = select(base.table, ("SELECT ", counted(base)), whole)
    return _joined(say(random, "<count>", np=base.text), second, sql, 2 + len(whole))


def _replaced(random: Random) -> Question:
    """ "How many cards are blocked?" - "And expired ones?" """
    table = random.choice(TABLES)
    base = bare(random, table)
    if random.random() < 0.4:
        base = add_one(random, base)
    free = Phrase(table, noun=base.noun, used=base.used, plain=False)
    one = add_one(random, free)
    other = _alike(random, free, one)
    if other is None or len(other.tests) != len(one.tests):
        return _replaced(random)
    first = tidy(" ".join((*base.before, *one.before, base.noun, *base.behind, *one.behind)))
    short = tidy(
        f"{' '.join(other.before)} {'ones' if other.before else ''} {' '.join(other.behind)}"
    )
    split = stated(other) or described(other)
    counts = split is not None and random.random() < 0.35
    if split and counts:
        second = say(random, "<and_how_many>", p=split[1])
    else:
        second = say(random, "<and_what_about>", x=short)
    what = random.choice([figure for figure in FIGURES if figure.table == table] or [None])
    whole = (*base.tests, *other.tests)
    if what is not None and not counts and random.random() < 0.5:
        function = any_function(random, what)
        text = say(
            random,
            "<figure>",
            w=say(random, f"<{function}>"),
            n=say(random, f"<{what.name}>"),
            np=first,
        )
        return _joined(text, second, select(table, ("SELECT ", what.select(function)), whole), 3)
    return _joined(
        say(random, "<count>", np=first),
        second,
        select(table, ("SELECT ", counted(base)), whole),
        3,
    )


def _alike(random: Random, free: Phrase, one: Phrase) -> Phrase | None:
    """Draws another condition of the same kind."""
    for _ in range(80):
        other = add_one(random, free)
        if other.used == one.used and other.tests != one.tests and other.noun == one.noun:
            return other
    return None


def _measured(random: Random) -> Question:
    """ "How many mortgages are late?" - "And how much is outstanding on them?" """
    what = random.choice(FIGURES)
    function = any_function(random, what)
    base = _some(random, what.table)
    noun, how = say(random, f"<{what.name}>"), say(random, f"<{function}>")
    second = say(random, "<and_their>", n=noun, w=how)
    sql = select(what.table, ("SELECT ", what.select(function)), base.tests)
    return _joined(say(random, "<count>", np=base.text), second, sql, 2 + len(base.tests))


def _listed(random: Random) -> Question:
    table = random.choice(list(LISTED))
    base = _some(random, table)
    second = say(random, "<list_them>")
    sql = select(table, (f"SELECT {LISTED[table]}",), base.tests)
    return _joined(say(random, "<count>", np=base.text), second, sql, 2 + len(base.tests))


def _split(random: Random) -> Question:
    base = _some(random, random.choice(TABLES))
    known = [d for d in DIMENSIONS[base.table] if d.kind not in base.used]
    by = random.choice(known or DIMENSIONS[base.table])
    tail = (*by.tail, f" ORDER BY {by.column}") if by.kind == "time" else by.tail
    columns = (f"SELECT {by.select}, ", counted(base))
    sql = select(base.table, columns, base.tests, tail, needs=(by.needs,))
    second = say(random, "<split_them>", o=by.any_one(random))
    return _joined(say(random, "<count>", np=base.text), second, sql, 3 + len(base.tests))


def _some(random: Random, table: str) -> Phrase:
    phrase = bare(random, table)
    for _ in range(random.choice((0, 1, 1, 2))):
        phrase = add_one(random, phrase)
    return phrase
