"""Ages and durations: "open for more than 30 days"."""

from collections.abc import Callable
from random import Random
from typing import Final

from sample_bank.training.numbers import count_text, digits
from sample_bank.training.periods import TODAY, period
from sample_bank.training.phrase import Phrase
from sample_bank.training.query import Comparison, Pieces
from sample_bank.training.wording import say

SIDES: Final = (
    ("<longer>", " < "),
    ("<longer>", " < "),
    ("<long_enough>", " <= "),
    ("<shorter>", " > "),
)
"""The operators are for dates: a higher age is an earlier date."""

UNITS: Final = {"day": (5, 120), "week": (2, 12), "month": (2, 36), "year": (1, 20)}


def _stretch(random: Random, units: tuple[str, ...]) -> tuple[str, int, str]:
    """ "two years", its number and its unit."""
    unit = random.choice(units)
    usual = random.choice((1, 2, 3, 5, 7, 10, 14, 15, 20, 30, 45, 60, 90))
    low, high = UNITS[unit]
    number = usual if low <= usual <= high and random.random() < 0.6 else random.randint(low, high)
    said = f"{count_text(random, number)} {unit}{'' if number == 1 else 's'}"
    return said, number, unit


def _back(column: str, sign: str, number: int, unit: str) -> Pieces:
    start, end = ("(-7 * ", ") || ' days')") if unit == "week" else ("'-", f" {unit}s')")
    return (f" substr({column}, 1, 10){sign}date('{TODAY}', {start}", digits(number), end)


def long_ago(column: str, words: str, *units: str) -> Callable[[Random, Phrase], Phrase]:
    """A condition on a date: "opened more than two years ago"."""

    def add(random: Random, phrase: Phrase) -> Phrase:
        said, number, unit = _stretch(random, units)
        side, sign = random.choice(SIDES)
        test = Comparison(column[0], _back(column, sign, number, unit))
        behind = say(random, f"<{words}>", s=f"{say(random, side)} {said}")
        return phrase.having(words, test, behind=behind)

    return add


def pending(random: Random, phrase: Phrase) -> Phrase:
    """Open disputes by age."""
    said, number, unit = _stretch(random, ("day", "day", "week", "month"))
    side, sign = random.choice(SIDES)
    tests = (
        Comparison("d", (" d.status = ", "'open'")),
        Comparison("d", _back("d.opened_on", sign, number, unit)),
    )
    behind = say(random, "<pending>", s=f"{say(random, side)} {said}")
    return phrase.having("status", *tests, behind=behind)


TOOK: Final = (
    ("<longer>", " > "),
    ("<longer>", " > "),
    ("<shorter>", " < "),
    ("<long_enough>", " >= "),
)


def took(random: Random, phrase: Phrase) -> Phrase:
    """Closed disputes by duration."""
    said, number, unit = _stretch(random, ("day", "day", "week"))
    if random.random() < 0.25:
        side, sign, words = "", " <= ", "<took_within>"
    else:
        (side, sign), words = random.choice(TOOK), "<took>"
    scale = (" * 7",) if unit == "week" else ()
    lead = f" julianday(d.closed_on) - julianday(d.opened_on){sign}"
    test = Comparison("d", (lead, digits(number), *scale))
    behind = say(random, words, s=f"{say(random, side) if side else ''} {said}")
    return phrase.having("took", test, behind=behind)


def decided(random: Random, phrase: Phrase) -> Phrase:
    """ "won in 2025": a dispute is decided on the day on which it is closed."""
    status = random.choice(("won", "lost", "withdrawn"))
    words, pieces = period(random, "d.closed_on", (2025, 2026))
    tests = (Comparison("d", (" d.status = ", f"'{status}'")), Comparison("d", pieces))
    behind = f"{say(random, f'<decided_{status}>')} {words}"
    return phrase.having("status", *tests, behind=behind)


# -- loans -----------------------------------------------------------------------------------------

END: Final = "date(l.started_on, '+' || l.term_months || ' months')"
"""The day of the last instalment."""


def ends(random: Random, phrase: Phrase) -> Phrase:
    words, pieces = period(random, END, (2026, 2050))
    test = Comparison("l", pieces)
    return phrase.having("ends", test, behind=f"{say(random, '<loan_ends>')} {words}")


def repaid_early(random: Random, phrase: Phrase) -> Phrase:
    tests = (
        Comparison("l", (" l.status = ", "'repaid'")),
        Comparison("l", (f" {END} > '{TODAY}'",)),
    )
    return phrase.having("status", *tests, behind=say(random, "<repaid_early>"))
