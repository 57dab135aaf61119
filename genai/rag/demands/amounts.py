"""Amounts in a question, and the ranges that documents name: *up to €2,500*, *above 80%*."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER})\s?(k\b|thousand\b|million\b|%|\b)", re.IGNORECASE)
_TIMES = {"k": 1e3, "thousand": 1e3, "million": 1e6}
_BOUND = rf"[€$£]\s?{_NUMBER}|(?<![\d.,]){_NUMBER}\s?%"
_RANGE = re.compile(
    rf"(?P<low>{_BOUND})\s+(?:to|and)\s+(?P<high>{_BOUND})"
    rf"|(?:up to|at most|below|under)\s+(?P<most>{_BOUND})"
    rf"|(?:above|over|from|more than|at least)\s+(?P<least>{_BOUND})",
    re.IGNORECASE,
)

_LEAST = 50
"""Smaller numbers are rarely amounts, unless they are percentages."""


class Amount(NamedTuple):
    value: float
    percent: bool = False


def amounts(question: str) -> list[Amount]:
    found = (
        Amount(_value(match[1]) * _TIMES.get(match[2].lower(), 1), match[2] == "%")
        for match in _AMOUNT.finditer(question)
    )
    return [one for one in found if one.percent or one.value >= _LEAST]


def holds_one(wanted: Sequence[Amount], text: str) -> bool:
    """Whether one of the amounts is in a range that the text names."""
    return bool(wanted) and any(
        low <= one.value <= high and one.percent == percent
        for low, high, percent in _ranges(text)
        for one in wanted
    )


def _ranges(text: str) -> Iterable[tuple[float, float, bool]]:
    for match in _RANGE.finditer(text):
        low = _value(match["low"] or match["least"] or "0")
        high = match["high"] or match["most"]
        yield low, _value(high) if high else float("inf"), match[0].endswith("%")


def _value(number: str) -> float:
    return float(re.sub(r"[^\d.]", "", number).strip("."))
