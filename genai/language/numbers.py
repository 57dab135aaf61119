"""Compares the numbers of texts, however they are written: 1,234.50 and 1.234,5 and 1234.5 are equal."""

import re
from collections.abc import Iterable, Set
from typing import Final

NUMBER: Final = re.compile(r"\d+(?:[.,'\u2019]\d+)*")
_SEPARATOR: Final = re.compile(r"[.,'\u2019]")
_GROUPED: Final = re.compile(r"\d{1,3}(?:([.,'\u2019])\d{3}(?:\1\d{3})*)?")
_DECIMAL: Final = re.compile(r"(\d+|.*\D.*)[.,](\d+)")


def numbers(text: str) -> frozenset[str]:
    """The numbers in a text, normalised. A number that can be read in two ways is in it twice: *1.234* may be
    more than a thousand, or little more than one.
    """
    return frozenset(reading for number in NUMBER.findall(text) for reading in _readings(number))


def supported(answer: str, known: Set[str]) -> bool:
    """Whether each number of an answer is among the known ones."""
    return all(not known.isdisjoint(_readings(number)) for number in NUMBER.findall(answer))


def unsupported(answer: str, sources: Iterable[str]) -> bool:
    """Whether the answer contains a number that is in none of the sources."""
    return not supported(answer, frozenset().union(*map(numbers, sources)))


def _readings(number: str) -> frozenset[str]:
    if number.isdigit():
        return frozenset({_whole(number)})
    found: set[str] = set()
    if _GROUPED.fullmatch(number) and not number.startswith("0"):
        found.add(_whole(number))
    decimal = _DECIMAL.fullmatch(number)
    if decimal and _is_whole(decimal[1], separator=number[len(decimal[1])]):
        found.add(_with_fraction(_whole(decimal[1]), decimal[2], doubtful=bool(found)))
    return frozenset(found or {number})


def _is_whole(text: str, *, separator: str) -> bool:
    return text.isdigit() or (_GROUPED.fullmatch(text) is not None and separator not in text)


def _whole(text: str) -> str:
    return _SEPARATOR.sub("", text).lstrip("0") or "0"


def _with_fraction(whole: str, digits: str, *, doubtful: bool) -> str:
    """Zeros at the end of a doubtful fraction stay, so that 1,200 is never 1.2."""
    fraction = digits if doubtful else digits.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
