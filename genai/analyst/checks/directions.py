"""Checks that a query compares in the direction of the question, and only where the question compares."""

import re
from collections.abc import Iterable
from typing import Final

from genai.analyst.reading.normalise import SMALL
from genai.analyst.vocabulary import either

COMPARATIVE: Final = (
    r"over|above|below|under|exceed\w*|beyond|beneath|past|upwards?|north|excess|short|up to"
    r"|minimum|maximum|min|max|least|most|more|less|fewer|greater|higher|lower|larger|smaller|bigger"
    r"|longer|shorter|older|younger|later|earlier|sooner|within|inside|after|before|not|no"
    r"|plus|several|multiple|ago|ahead|early|than|negative|minus|red|defici\w*|zero"
)
COMPARES: Final = re.compile(r"(?:_cents|_percent|_months|\)) (?:[<>]=?) \d*[1-9]")

NUMBER: Final = r"(?:€ ?|eur ?)?(?P<n>\d[\d,.]*\d|\d)"
MORE: Final = re.compile(
    rf"\b(?<!no )(?<!not )"
    rf"(?:more than|over|above|exceeding|greater than|higher than|larger than|bigger than|at least) {NUMBER}",
    re.IGNORECASE,
)
LESS: Final = re.compile(
    rf"\b(?<!no )(?<!not )(?:less than|under|below|fewer than|lower than|smaller than|at most) {NUMBER}",
    re.IGNORECASE,
)
LONG_AGO: Final = re.compile(
    r"(?<!no )(?<!not )\b(?:older|longer|more) than (?P<n>\d+|a|one) (?:days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
EXACTLY: Final = re.compile(
    r"\b(?:exactly|precisely|just|only) (?P<n>one|two|three|four|five|\d+)\b(?! (?:of|day|week|month|year))",
    re.IGNORECASE,
)
SINCE: Final = r">=? date\('[\d-]+', '-{n} "


class Directions:
    """``comparing`` are further comparative words; ``born`` is a pattern for date columns."""

    def __init__(self, comparing: Iterable[str], born: str) -> None:
        self._comparative = re.compile(
            rf"\b(?:{either((COMPARATIVE, *comparing))})\b|[<>+]", re.IGNORECASE
        )
        self._times = re.compile(rf"\b(?:{born}|date\()", re.IGNORECASE)

    def agrees(self, question: str, sql: str) -> bool:
        """``question`` includes the question that it follows up."""
        if COMPARES.search(sql) and not self._comparative.search(question):
            return False
        if any(
            re.search(SINCE.format(n={"a": "1", "one": "1"}.get(long["n"].lower(), long["n"])), sql)
            for long in LONG_AGO.finditer(question)
        ):
            return False
        if any(not _equals(match["n"].lower(), sql) for match in EXACTLY.finditer(question)):
            return False
        if self._times.search(sql):  # further back is an earlier date: there, more is less
            return True
        return not any(
            _against(match["n"], sql, "<") for match in MORE.finditer(question)
        ) and not any(_against(match["n"], sql, ">") for match in LESS.finditer(question))


def _equals(number: str, sql: str) -> bool:
    return re.search(rf"(?:=|LIMIT) {SMALL.get(number, number)}\b", sql) is not None


def _against(number: str, sql: str, sign: str) -> bool:
    """Whether the number occurs with the wrong operator only."""
    plain = re.escape(number.replace(",", "").rstrip("."))
    right = "<" if sign == ">" else ">"
    return (
        re.search(rf"{sign}=? {plain}\b", sql) is not None
        and re.search(rf"{right}=? {plain}\b", sql) is None
    )
