"""Normalises questions: number words become digits, misspelt place names are corrected."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from genai.analyst.reading.determiners import DETERMINERS
from genai.edit_distance import edit_distance

SMALL: Final = {
    word: number
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
            *("seventeen", "eighteen", "nineteen"),
        )
    )
} | {
    word: 10 * number
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}
LARGE: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
DOZEN: Final = re.compile(r"\b(?P<n>a|one|two|three|half a) dozen\b(?: of)?", re.IGNORECASE)
DOZENS: Final = {"a": 12, "one": 12, "two": 24, "three": 36, "half a": 6}
HALF: Final = re.compile(r"\bhalf a (?P<scale>thousand|million)\b", re.IGNORECASE)

_WORD: Final = rf"(?:{'|'.join((*SMALL, *LARGE))})"
SPELLED: Final = re.compile(
    rf"\b(?:a |an )?{_WORD}(?:(?:[ -]| and ){_WORD})*\b(?! (?:days|weeks|months|years)\b)",
    re.IGNORECASE,
)
"""Number words with a scale. A single small one stays: in *one of them* it is no number."""

WORD: Final = re.compile(r"[A-Za-z]{5,}")
TITLE: Final = re.compile(rf"(?i:\b(?:{'|'.join(DETERMINERS)}) )[A-Z][a-z]{{4,}}(?= [a-z]{{3,}})")
"""The name of a product or the like, as in *the Dunmark programme*: no misspelt Denmark."""
LONG: Final = 8
"""A name of this length may have two typos, a shorter one only one."""


def normalised(question: str, names: Iterable[str], others: Collection[str] = ()) -> str:
    """The question in the form of the training data. ``names`` are places in the database, ``others``
    places with a similar spelling.
    """
    text = HALF.sub(lambda match: str(LARGE[match["scale"].lower()] // 2), question)
    text = DOZEN.sub(lambda match: str(DOZENS[match["n"].lower()]), text)
    text = SPELLED.sub(lambda match: _digits(match[0]), text)
    known = {name.lower(): name for name in names if name.isalpha()}
    titles = {match.end() for match in TITLE.finditer(text)}
    return WORD.sub(
        lambda match: match[0] if match.end() in titles else _named(match[0], known, others), text
    )


def _digits(text: str) -> str:
    words = re.split(r"[ -]", text.lower())
    words = [word for word in words if word not in ("a", "an", "and")]
    if not any(word in LARGE for word in words):
        return text
    total, part = 0, 0
    for word in words:
        if word in SMALL:
            part += SMALL[word]
        elif word == "hundred":
            part = max(part, 1) * 100
        else:
            total += max(part, 1) * LARGE[word]
            part = 0
    return str(total + part)


def _named(word: str, known: dict[str, str], others: Collection[str]) -> str:
    small = word.lower()
    if small in known or small in others:
        return word
    near = [
        name
        for key, name in known.items()
        if key[0] == small[0] and edit_distance(small, key) <= (2 if len(key) >= LONG else 1)
    ]
    return near[0] if len(near) == 1 else word
