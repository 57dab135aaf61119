"""Amounts in a question, and the ranges of amounts that documents name: *up to €2,500*."""

import re
from collections.abc import Iterable, Sequence

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER})\s?(k|thousand|million)?\b", re.IGNORECASE)
_TIMES = {"k": 1e3, "thousand": 1e3, "million": 1e6}
_RANGE = re.compile(
    rf"(?P<low>[€$£]\s?{_NUMBER})\s+to\s+(?P<high>[€$£]\s?{_NUMBER})"
    rf"|(?:up to|at most|below|under)\s+(?P<most>[€$£]\s?{_NUMBER})"
    rf"|(?:above|over|from|more than|at least)\s+(?P<least>[€$£]\s?{_NUMBER})",
    re.IGNORECASE,
)

_LEAST = 50
"""Smaller numbers are rarely amounts."""


def amounts(question: str) -> list[float]:
    found = (
        _value(match[1]) * _TIMES.get((match[2] or "").lower(), 1)
        for match in _AMOUNT.finditer(question)
    )
    return [value for value in found if value >= _LEAST]


def holds_one(wanted: Sequence[float], text: str) -> bool:
    """Whether one of the amounts is in a range that the text names."""
    return bool(wanted) and any(
        low <= value <= high for low, high in _ranges(text) for value in wanted
    )


def _ranges(text: str) -> Iterable[tuple[float, float]]:
    for match in _RANGE.finditer(text):
        low = _value(match["low"] or match["least"] or "0")
        high = match["high"] or match["most"]
        yield low, _value(high) if high else float("inf")


def _value(number: str) -> float:
    return float(re.sub(r"[^\d.]", "", number).strip("."))
