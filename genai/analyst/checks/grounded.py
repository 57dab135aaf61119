"""Checks that every number of a query comes from the question."""

import re
from collections.abc import Iterator
from typing import Final

from genai.analyst.reading.normalise import SMALL

QUOTED: Final = re.compile(r"'[^']*'")
USED: Final = re.compile(
    r"(?:[<>=]|\bBETWEEN|\bAND|\bLIMIT|\bOFFSET) (?P<n>\d+(?:\.\d+)?)\b(?! - )"
)
SAID: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
WORDS: Final = re.compile(r"[a-z]+", re.IGNORECASE)
ORDINALS: Final = {
    word: number
    for number, words in enumerate(
        (("second", "next"), ("third",), ("fourth",), ("fifth",), ("sixth",)), start=1
    )
    for word in words
}
"""Ordinals, with the OFFSET of that rank."""

AGED: Final = re.compile(r"\((?:19|20)\d\d - \d+\)")
NAMES_AN_AGE: Final = re.compile(
    rf"\d|\b(?:{'|'.join(SMALL)})\b|teen|(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies"
    r"|\b(?:adult|minor|child|kid|youth|senior|elder|pension|retire|under-?age|of age|grown|juvenile"
    r"|centenarian|decade|century|dozen|hundred)",
    re.IGNORECASE,
)
"""Words that name an age; *younger customers* has none."""

PLAIN: Final = frozenset({0.0, 1.0, 100.0, 12.0})
"""Numbers that a query may use unasked: the best one, cents, months."""


def grounded(question: str, sql: str) -> bool:
    if AGED.search(sql) and not NAMES_AN_AGE.search(question):
        return False
    said = set(_said(question))
    used = {float(match["n"]) for match in USED.finditer(QUOTED.sub("''", sql))}
    return used - PLAIN <= said


def _said(question: str) -> Iterator[float]:
    for number in SAID.findall(question):
        value = float(number.replace(",", "").rstrip("."))
        yield from (value, value - 1)
    for word in WORDS.findall(question.lower()):
        if word in SMALL:
            yield float(SMALL[word])
        if word in ORDINALS:
            yield float(ORDINALS[word])
