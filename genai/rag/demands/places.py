"""Finds places that a question names and a text does not cover.

A text covers a place that it names, under any of its names, and the countries of a region it names. A text
that names no place but mentions other countries in general covers every place.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_LIST = Path(__file__).with_name("places.txt")

_OTHER_NAMES = {
    "usa": "united states",
    "us": "united states",
    "u.s.": "united states",
    "america": "united states",
    "uk": "united kingdom",
    "britain": "united kingdom",
    "great britain": "united kingdom",
    "england": "united kingdom",
    "scotland": "united kingdom",
    "wales": "united kingdom",
    "holland": "netherlands",
    "czech republic": "czechia",
}

_EURO_AREA = frozenset(
    """
    austria belgium bulgaria croatia cyprus estonia finland france germany greece ireland italy latvia
    lithuania luxembourg malta netherlands portugal slovakia slovenia spain
    """.split()  # noqa: SIM905  (one word a line helps nobody)
)
_UNION = _EURO_AREA | {"czechia", "denmark", "hungary", "poland", "romania", "sweden"}
_PAYMENTS_AREA = _UNION | {"iceland", "liechtenstein", "norway", "switzerland", "united kingdom"}
_REGIONS = (
    (re.compile(r"\beuro ?(?:area|zone)\b", re.IGNORECASE), _EURO_AREA),
    (re.compile(r"\bEuropean Union\b|\bEU\b"), _UNION),
    (re.compile(r"\bSEPA\b|\bEurope\b|\bEEA\b|\bEuropean Economic"), _PAYMENTS_AREA),
)
"""Names of regions, with their countries."""

_ANYWHERE = re.compile(
    r"\b(abroad|foreign|every country|(?:to|for|in) (?:other|some|all|most) countries|worldwide"
    r"|anywhere|outside (?:of )?(?:the |it\b)?(?:sepa|euro\w*|eu\b|area|country)?"
    r"|another (?:country|continent))",
    re.IGNORECASE,
)


def unknown_places(question: str, text: str) -> int:
    """The number of places in the question that the text does not cover."""
    named = set(_named(question))
    if not named:
        return 0
    known = set(_named(text))
    if not known and _ANYWHERE.search(text):
        return 0
    spoken = known.union(*(lands for region, lands in _REGIONS if region.search(text)))
    return len(named - spoken)


def _named(text: str) -> Iterator[str]:
    for match in _pattern().finditer(text):
        name = match[0].lower()
        yield _OTHER_NAMES.get(name, name)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Matches countries in any case; cities and short names only as written."""
    lands, cities = _LIST.read_text(encoding="utf-8").partition("\n")[2].split("\n\n")
    names = lands.splitlines()
    exact = sorted([*cities.splitlines(), *(name for name in names if len(name) < 5)], key=len)
    loose = sorted((name for name in names if len(name) >= 5), key=len)
    return re.compile(rf"\b(?:(?i:{_any(loose)})|{_any(exact)})(?:\b|(?<=\.))")


def _any(names: list[str]) -> str:
    return "|".join(map(re.escape, reversed(names)))
