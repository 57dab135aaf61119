"""Periods in words, as conditions on a column of ISO dates or times.

Today is the reference date of the sample database, 2026-06-30.
"""

from calendar import monthrange
from collections.abc import Callable
from random import Random
from typing import Final

from sample_bank.training.numbers import WORDS, count_text
from sample_bank.training.query import Copied, Pieces
from sample_bank.training.wording import say

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
YEAR: Final = 2026
MONTH: Final = 6
TODAY: Final = "2026-06-30"
AHEAD: Final = 2027
"""A year with future dates only."""
ORDINALS: Final = ("first", "second", "third", "fourth")

Span = tuple[str, Pieces]
"""A phrase such as "in May 2026", with its condition."""

Years = tuple[int, int]


def period(random: Random, column: str, years: Years) -> Span:
    makers = [maker for maker, _ in MAKERS]
    make = random.choices(makers, [weight for _, weight in MAKERS])[0]
    return make(random, column, years)


def month_name(random: Random, number: int) -> str:
    name = MONTHS[number - 1]
    return random.choice((name, name, name, name, name[:3], f"{name[:3]}."))


def _in(random: Random, what: str) -> str:
    return say(random, "<in_time>", what=what)


def _like(column: str, year: int, rest: str = "") -> Pieces:
    return (f" {column} LIKE '", Copied(str(year)), f"{rest}%'")


def _months_of(column: str, year: int, low: int, high: int) -> Pieces:
    start = (f" substr({column}, 1, 7) BETWEEN '", Copied(str(year)), f"-{low:02}")
    return (*start, "' AND '", Copied(str(year)), f"-{high:02}", "'")


# -- years, months, quarters, days -----------------------------------------------------------------


def _year(random: Random, column: str, years: Years) -> Span:
    year = random.randint(*years)
    return _in(random, say(random, "<year>", y=str(year))), _like(column, year)


def _month(random: Random, column: str, years: Years) -> Span:
    year, month = random.randint(*years), random.randint(1, 12)
    what = say(random, "<month>", m=month_name(random, month), y=str(year), n=str(month))
    return _in(random, what), _like(column, year, f"-{month:02}")


def _bare_month(random: Random, column: str, years: Years) -> Span:
    """Without a year, it is the latest one that has begun."""
    month, roll = random.randint(1, 12), random.random()
    name, rest = month_name(random, month), f"-{month:02}"
    if roll < 0.25:
        return _in(random, say(random, "<month_this_year>", m=name)), _like(column, YEAR, rest)
    if roll < 0.4:
        return _in(random, say(random, "<month_last_year>", m=name)), _like(column, YEAR - 1, rest)
    year = YEAR - (month > MONTH)
    return _in(random, say(random, "<bare_month>", m=name)), _like(column, year, rest)


def _quarter(random: Random, column: str, years: Years) -> Span:
    quarter, year = random.randint(1, 4), random.randint(*years)
    form = "<quarter>"
    if quarter * 3 <= MONTH and random.random() < 0.25:
        form, year = "<quarter_this_year>", YEAR
    slots = {"q": str(quarter), "o": ORDINALS[quarter - 1], "w": WORDS[quarter], "y": str(year)}
    months = _months_of(column, year, quarter * 3 - 2, quarter * 3)
    return _in(random, say(random, form, **slots)), months


def _half(random: Random, column: str, years: Years) -> Span:
    half, year = random.randint(1, 2), random.randint(*years)
    text = say(random, "<half>", o=ORDINALS[half - 1], h=str(half), y=str(year))
    return _in(random, text), _months_of(column, year, half * 6 - 5, half * 6)


def _day(random: Random, column: str, years: Years) -> Span:
    year, month = random.randint(*years), random.randint(1, 12)
    day = random.randint(1, monthrange(year, month)[1])
    pieces = (f" {column} LIKE '", Copied(str(year)), f"-{month:02}", f"-{day:02}", "%'")
    return f"on {_day_text(random, year, month, day)}", pieces


def _day_text(random: Random, year: int, month: int, day: int) -> str:
    ending = "th" if 10 <= day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    name = MONTHS[month - 1]
    return random.choice(
        (
            f"{year}-{month:02}-{day:02}",
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{name} {day}{ending} {year}",
            f"{name} {day}{ending}, {year}",
            f"{day}{ending} of {name} {year}",
            f"{day:02}.{month:02}.{year}",
            f"{day} {name[:3]} {year}",
            f"the {day}{ending} of {name} {year}",
        )
    )


def _decade(random: Random, column: str, years: Years) -> Span:
    decades = range(years[0] // 10, years[1] // 10 + 1)
    decade = random.choice(decades)
    words = DECADES.get(decade)
    if words is None or random.random() < 0.5:
        text = say(random, random.choice(("in the {d}0s", "during the {d}0s")), d=str(decade))
        return text, (f" {column} LIKE '", Copied(str(decade)), "%'")
    return f"in the {words}", (f" {column} LIKE '{decade}%'",)


DECADES: Final = {
    194: "forties", 195: "fifties", 196: "sixties", 197: "seventies", 198: "eighties",
    199: "nineties",
}  # fmt: skip


def _days(random: Random, column: str, years: Years) -> Span:
    """A range of days in one year."""
    year, months = random.randint(*years), sorted(random.choices(range(1, 13), k=2))
    days = sorted(random.sample(range(1, 29), 2))
    full = random.random() < 0.5
    first = _day_text(random, year, months[0], days[0])
    last = _day_text(random, year, months[1], days[1])
    if not full and f" {year}" in first:
        first = first.replace(f", {year}", "").replace(f" {year}", "")
    between = f" substr({column}, 1, 10) BETWEEN '"
    ends = [f"-{m:02}-{d:02}" for m, d in zip(months, days, strict=True)]
    pieces = (between, *_copied(year, ends[0]), "' AND '", *_copied(year, ends[1]), "'")
    return say(random, "<between_days>", a=first, b=last), pieces


def _copied(year: int, rest: str) -> Pieces:
    """The year is copied, month and day are pieces."""
    return (Copied(str(year)), *(f"-{part}" for part in rest.split("-") if part))


def _first_months(random: Random, column: str, years: Years) -> Span:
    number, year = random.randint(2, 9), random.randint(*years)
    early = random.random() < 0.7
    text = say(
        random,
        "<first_months>" if early else "<last_months>",
        n=count_text(random, number),
        y=str(year),
    )
    low, high = (1, number) if early else (13 - number, 12)
    return text, _months_of(column, year, low, high)


def _two_months(random: Random, column: str, years: Years) -> Span:
    year, low = random.randint(*years), random.randint(1, 11)
    a, b = month_name(random, low), month_name(random, low + 1)
    text = say(random, "<months_and>", a=a, b=b, y=str(year))
    return text, _months_of(column, year, low, low + 1)


# -- as seen from today ----------------------------------------------------------------------------

PREFIXES: Final = {
    "last_year": (2025, "", 6),
    "this_year": (2026, "", 6),
    "last_month": (2026, "-05", 6),
    "this_month": (2026, "-06", 5),
    "month_before_last": (2026, "-04", 1),
    "year_before_last": (2024, "", 1),
    "in_two_years": (2028, "", 1),
    "next_year": (2027, "", 2),
    "next_month": (2026, "-07", 1),
    "yesterday": (2026, "-06-29", 2),
    "today": (2026, "-06-30", 2),
}
STRETCHES: Final = {
    "last_week": ("2026-06-22", "2026-06-28"),
    "this_week": ("2026-06-29", "2026-06-30"),
    "this_quarter": ("2026-04-01", "2026-06-30"),
    "last_quarter": ("2026-01-01", "2026-03-31"),
    "this_half": ("2026-01-01", "2026-06-30"),
    "last_half": ("2025-07-01", "2025-12-31"),
    "last_summer": ("2025-06-01", "2025-08-31"),
    "last_autumn": ("2025-09-01", "2025-11-30"),
    "last_winter": ("2025-12-01", "2026-02-28"),
    "this_spring": ("2026-03-01", "2026-05-31"),
}


def _relative(random: Random, column: str, years: Years) -> Span:
    if random.random() < 0.25:
        name = random.choice(list(STRETCHES))
        first, last = STRETCHES[name]
        between = (f" substr({column}, 1, 10)", f" BETWEEN '{first}' AND '{last}'")
        return say(random, f"<{name}>"), between
    known = {name: one for name, one in PREFIXES.items() if one[0] <= years[1] or one[0] < AHEAD}
    name = random.choices(list(known), [weight for *_, weight in known.values()])[0]
    year, rest, _ = known[name]
    return say(random, f"<{name}>"), _like(column, year, rest)


SPANS: Final = {
    "day": (7, 10, 14, 30, 60, 90, 100, 180),
    "week": (2, 3, 4, 6, 8),
    "month": (2, 3, 4, 6, 9, 12, 18),
    "year": (2, 3, 5, 10),
}


def _last_n(random: Random, column: str, years: Years) -> Span:
    """A period that ends today."""
    unit = random.choice(("day", "day", "week", "month", "month", "year"))
    usual = random.choice(SPANS[unit])
    number = random.choice((usual, usual, random.randint(2, 30)))
    start, end = ("(-7 * ", ") || ' days')") if unit == "week" else ("'-", f" {unit}s')")
    lead = f" substr({column}, 1, 10) > date('{TODAY}', {start}"
    text = say(random, "<last_n>", n=count_text(random, number), u=unit)
    return text, (lead, Copied(str(number)), end)


# -- open and closed ends --------------------------------------------------------------------------


def _point(random: Random, years: Years) -> tuple[str, str]:
    """A year, month or day in words, and its first moment in ISO format."""
    year, month, roll = random.randint(*years), random.randint(1, 12), random.random()
    if roll < 0.55:
        return str(year), str(year)
    if roll < 0.85:
        return f"{month_name(random, month)} {year}", f"{year}-{month:02}"
    day = random.randint(1, monthrange(year, month)[1])
    return _day_text(random, year, month, day), f"{year}-{month:02}-{day:02}"


def _written(prefix: str) -> Pieces:
    """The year is copied, month and day are pieces."""
    return (Copied(prefix[:4]), *(f"-{part}" for part in prefix[5:].split("-") if part), "'")


def _since(random: Random, column: str, years: Years) -> Span:
    text, prefix = _point(random, years)
    return say(random, "<since>", p=text), (f" {column} >= '", *_written(prefix))


def _since_month(random: Random, column: str, years: Years) -> Span:
    """Without a year, it is the latest one that has begun."""
    month = random.randint(1, 12)
    year = YEAR - (month > MONTH)
    text = say(random, "<since_month>", p=MONTHS[month - 1])
    return text, (f" {column} >= '", Copied(str(year)), f"-{month:02}", "'")


def _by_the_end(random: Random, column: str, years: Years) -> Span:
    text, prefix = _point(random, years)
    lead = f" substr({column}, 1, {len(prefix)}) <= '"
    return say(random, "<by_the_end>", p=text), (lead, *_written(prefix))


def _before(random: Random, column: str, years: Years) -> Span:
    text, prefix = _point(random, years)
    return say(random, "<before>", p=text), (f" {column} < '", *_written(prefix))


def _after(random: Random, column: str, years: Years) -> Span:
    """A period after a year, month or day begins with the next one."""
    text, prefix = _point(random, years)
    lead = f" substr({column}, 1, {len(prefix)}) > '"
    return say(random, "<after>", p=text), (lead, *_written(prefix))


def _between(random: Random, column: str, years: Years) -> Span:
    first, last = sorted(random.sample(range(years[0], years[1] + 1), 2))
    if random.random() < 0.4:
        text = say(random, "<between_years>", a=str(first), b=str(last))
        lead = f" substr({column}, 1, 4) BETWEEN '"
        return text, (lead, Copied(str(first)), "' AND '", Copied(str(last)), "'")
    low, high = sorted(random.sample(range(1, 13), 2))
    year = random.choice((first, last))
    a, b = month_name(random, low), month_name(random, high)
    text = say(random, "<between_months>", a=a, b=b, y=str(year))
    return text, _months_of(column, year, low, high)


Maker = Callable[[Random, str, Years], Span]
MAKERS: Final[tuple[tuple[Maker, int], ...]] = (
    (_year, 22),
    (_month, 22),
    (_bare_month, 9),
    (_relative, 16),
    (_since, 9),
    (_before, 6),
    (_after, 5),
    (_between, 7),
    (_quarter, 7),
    (_day, 6),
    (_last_n, 7),
    (_half, 2),
    (_decade, 2),
    (_days, 3),
    (_first_months, 2),
    (_two_months, 2),
    (_since_month, 3),
    (_by_the_end, 3),
)
