"""Parses periods of time: "in May", "last month", "since 2024", "the past 90 days"."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
NUMBERS: Final = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
} | {"twelve": 12, "fifteen": 15, "twenty": 20}

ORDINALS: Final = ("first", "second", "third", "fourth")

EARLIEST: Final = date(1900, 1, 1)

_NUMBER: Final = rf"(?P<n>\d{{1,3}}|{'|'.join(NUMBERS)})"
_YEAR_DIGITS: Final = r"(?:19|20)\d\d"
_YEAR: Final = rf"(?P<year>{_YEAR_DIGITS})"
_MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY: Final = r"(?P<iso>(?:19|20)\d\d-\d\d-\d\d)"
_LEAD: Final = r"(?:(?:in|during|for|over|within|of|from|on|throughout)\s+(?:the\s+)?)?"


@dataclass(frozen=True, slots=True)
class Period:
    """``end`` is exclusive. ``label`` reads well after a statement: "in May 2026"."""

    start: date
    end: date
    label: str


Found = tuple[int, int, Period]


def find_periods(text: str, today: date) -> list[Found]:
    """All periods with their positions, without overlaps."""
    found: list[Found] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end, _ in found):
                continue
            period = read(match, today)
            if period is not None:
                found.append((match.start(), match.end(), period))
    return sorted(found, key=lambda item: item[0])


# -- readers ---------------------------------------------------------------------------------------


def _first_of_next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _back(day: date, months: int) -> date:
    """The first day of the month that many months earlier."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _month(first: date) -> Period:
    label = f"in {MONTHS[first.month - 1].capitalize()} {first.year}"
    return Period(first, _first_of_next(first), label)


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year + 1, 1, 1), f"in {year}")


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word.lower()]


def _month_number(name: str) -> int:
    return 1 + next(n for n, month in enumerate(MONTHS) if month.startswith(name[:3].lower()))


def _named_month(match: re.Match[str], today: date) -> Period | None:
    number = _month_number(match["month"])
    written = match.groupdict().get("year")
    year = int(written) if written else today.year - (number > today.month)
    return _month(date(year, number, 1))


def _iso(match: re.Match[str], today: date) -> Period | None:
    try:
        day = date.fromisoformat(match["iso"])
    except ValueError:
        return None
    return Period(day, day + timedelta(days=1), f"on {day.isoformat()}")


def _quarter(match: re.Match[str], today: date) -> Period | None:
    quarter = 4 if match["end"] else int(match["q"] or 1 + ORDINALS.index(match["ordinal"].lower()))
    year = int(match["year"]) if match["year"] else today.year
    first = date(year, quarter * 3 - 2, 1)
    return Period(first, _back(first, -3), f"in quarter {quarter} of {year}")


def _last_unit(match: re.Match[str], today: date) -> Period | None:
    """ "Last month" is the whole calendar month before this one, "last year" the year before."""
    if match["unit"].lower() == "month":
        return _month(_back(today, 1))
    if match["unit"].lower() == "year":
        return _year(today.year - 1)
    monday = today - timedelta(days=today.weekday())
    start = monday - timedelta(days=7)
    return Period(start, monday, f"from {start} to {monday - timedelta(days=1)}")


def _this_unit(match: re.Match[str], today: date) -> Period | None:
    if match["unit"].lower() == "month":
        return _month(today.replace(day=1))
    if match["unit"].lower() == "year":
        return _year(today.year)
    start = today - timedelta(days=today.weekday())
    return Period(start, today + timedelta(days=1), f"from {start} to {today}")


def _last_units(match: re.Match[str], today: date) -> Period | None:
    """A period of several units that ends today."""
    count, unit = _number(match["n"]), match["unit"].lower()
    if unit == "day":
        start = today - timedelta(days=count - 1)
    elif unit == "week":
        start = today - timedelta(days=7 * count - 1)
    else:
        start = _same_day_before(today, count * (12 if unit == "year" else 1)) + timedelta(days=1)
    return Period(start, today + timedelta(days=1), f"from {start} to {today}")


def _same_day_before(day: date, months: int) -> date:
    first = _back(day, months)
    last = _first_of_next(first) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _near_day(match: re.Match[str], today: date) -> Period | None:
    day = today - timedelta(days=1 if match["day"].lower() == "yesterday" else 0)
    return Period(day, day + timedelta(days=1), f"on {day}")


def _since(match: re.Match[str], today: date) -> Period | None:
    start = _start(match, today)
    return Period(start, today + timedelta(days=1), f"since {start}") if start else None


def _before(match: re.Match[str], today: date) -> Period | None:
    start = _start(match, today)
    return Period(EARLIEST, start, f"before {start}") if start else None


def _after(match: re.Match[str], today: date) -> Period | None:
    """A period after a year, month or day begins with the next one."""
    whole = _whole(match, today)
    return Period(whole.end, today + timedelta(days=1), f"since {whole.end}") if whole else None


def _start(match: re.Match[str], today: date) -> date | None:
    whole = _whole(match, today)
    return whole.start if whole else None


def _whole(match: re.Match[str], today: date) -> Period | None:
    if match["iso"]:
        return _iso(match, today)
    if match["month"]:
        return _named_month(match, today)
    return _year(int(match["year"] or match["alone"]))


def _between(match: re.Match[str], today: date) -> Period | None:
    """Both ends are included. A month without a year has the year of the other end."""
    inner = list(_END.finditer(match["rest"]))
    if len(inner) != 2:
        return None
    first, last = (_end(point, inner[1]["year"], today) for point in inner)
    if first is None or last is None or first.start >= last.end:
        return None
    label = f"from {first.start} to {last.end - timedelta(days=1)}"
    return Period(first.start, last.end, label)


def _end(point: re.Match[str], year: str | None, today: date) -> Period | None:
    if point["month"] and not point["year"] and year:
        return _month(date(int(year), _month_number(point["month"]), 1))
    return _whole(point, today)


def _plain_year(match: re.Match[str], today: date) -> Period | None:
    return _year(int(match["year"]))


_POINT: Final = rf"(?:{_DAY}|(?:{_MONTH}\s+)?{_YEAR})"
_END: Final = re.compile(rf"{_DAY}|{_MONTH}(?:\s+{_YEAR})?|(?P<alone>{_YEAR_DIGITS})", re.I)

Reader = Callable[[re.Match[str], date], Period | None]


def _rules() -> Iterator[tuple[re.Pattern[str], Reader]]:
    """Rules by priority."""
    for pattern, read in (
        (
            r"\b(?:between|from)\s+(?P<rest>[\w\s.-]{3,24}?\s(?:and|to|until)\s[\w-]+(?:\s\d{4})?)",
            _between,
        ),
        (rf"\b(?:since|from)\s+(?:the\s+)?{_POINT}(?:\s+on(?:wards)?)?(?!\s+to)", _since),
        (rf"\bafter\s+{_POINT}", _after),
        (rf"\b(?:before|until|prior\s+to)\s+{_POINT}", _before),
        (rf"{_LEAD}\b{_DAY}\b", _iso),
        (
            rf"{_LEAD}\b(?:q(?P<q>[1-4])|(?P<ordinal>{'|'.join(ORDINALS)})\s+quarter"
            rf"|(?P<end>(?:last|final)\s+quarter(?=\s+of\s+{_YEAR_DIGITS})))(?:\s+(?:of\s+)?{_YEAR})?\b",
            _quarter,
        ),
        (rf"{_LEAD}\b{_MONTH}(?:\s+(?:of\s+)?{_YEAR})\b", _named_month),
        (
            rf"{_LEAD}\b(?:last|past|previous)\s+{_NUMBER}\s+(?P<unit>day|week|month|year)s\b",
            _last_units,
        ),
        (rf"{_LEAD}\b(?:last|previous)\s+(?P<unit>week|month|year)\b", _last_unit),
        (rf"{_LEAD}\b(?:this|current)\s+(?P<unit>week|month|year)\b", _this_unit),
        (r"\b(?P<day>yesterday|today)\b", _near_day),
        (rf"\b(?:in|during|for|last|of)\s+(?:the\s+)?(?:month\s+of\s+)?{_MONTH}", _named_month),
        (rf"{_LEAD}\b{_YEAR}\b", _plain_year),
    ):
        yield re.compile(pattern, re.IGNORECASE), read


_RULES: Final = tuple(_rules())
