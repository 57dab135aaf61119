"""Checks that the numbers in an answer come from known sources."""

import re
from collections.abc import Iterable
from typing import Final

NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


def numbers(text: str) -> frozenset[str]:
    """The numbers in a text, normalised: ``1,234.50`` and ``1234.5`` are equal."""
    return frozenset(map(_plain, NUMBER.findall(text)))


def unsupported(answer: str, sources: Iterable[str]) -> bool:
    """Whether the answer contains a number that is in none of the sources."""
    return not numbers(answer) <= frozenset().union(*map(numbers, sources))


def _plain(number: str) -> str:
    digits = number.replace(",", "")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits.lstrip("0") or "0"
