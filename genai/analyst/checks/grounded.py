"""Does every number of a query come from the question?"""

import re
from collections.abc import Iterator
from typing import Final

from genai.analyst.reading.plain import SMALL

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
"""With the number of rows that are passed over."""

PLAIN: Final = frozenset({0.0, 1.0, 100.0, 12.0})
"""Nobody has to say these: the best one, cents, months."""


def grounded(question: str, sql: str) -> bool:
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
