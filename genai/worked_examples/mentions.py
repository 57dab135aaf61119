"""Extracts typed mentions from questions: cities, customers, months, amounts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from genai.worked_examples.library import Library
from genai.worked_examples.periods import MONTHS, NUMBERS, Period, find_periods

Value = str | int | Period

_ID: Final = r"(?:\s*(?:id|number|no\.?|nr\.?|#))?\s*#?(?P<id>\d{1,9})\b(?![.,]\d)"
IDS: Final = {
    "customer": re.compile(rf"\b(?:customer|client){_ID}", re.IGNORECASE),
    "account": re.compile(rf"\baccount{_ID}", re.IGNORECASE),
    "card": re.compile(rf"\bcard{_ID}", re.IGNORECASE),
    "loan": re.compile(rf"\bloan{_ID}", re.IGNORECASE),
    "dispute": re.compile(rf"\b(?:dispute|case){_ID}", re.IGNORECASE),
}
NAME: Final = re.compile(r"(?=\b(?P<name>(?P<first>[A-Z][a-z]+) (?P<last>[A-Z][a-z]+))\b)")
BEFORE_NAME: Final = re.compile(r"\b(?:customer|client)\s+$", re.IGNORECASE)
AFTER_NAME: Final = re.compile(r"'s?\b")

_NUMBER: Final = (
    rf"(?P<n>\d[\d,]*(?:\.\d+)?|{'|'.join(NUMBERS)})(?P<k>\s?(?:k|thousand|million))?\b"
)
_MORE: Final = (
    r"(?:over|above|more than|greater than|higher than|larger than|exceed(?:s|ing)?|beyond)"
)
_LESS: Final = r"(?:under|below|less than|lower than|smaller than|fewer than)"
_MONEY: Final = r"(?:\s*(?P<money>eur(?:os?)?\b|€))?"
_SIGN: Final = r"(?:(?P<sign>€|eur)\s*)?"
_YEARS: Final = r"(?:\s+years?(?:\s+old)?\b)?"
COMPARED: Final = {
    "over": re.compile(rf"\b{_MORE}\s+{_SIGN}{_NUMBER}{_MONEY}{_YEARS}", re.I),
    "under": re.compile(rf"\b{_LESS}\s+{_SIGN}{_NUMBER}{_MONEY}{_YEARS}", re.I),
}
AGE: Final = {
    "age_over": re.compile(
        r"\b(?:older than|aged over)\s+(?P<n>\d{1,3})(?:\s+years?(?:\s+old)?)?\b", re.I
    ),
    "age_under": re.compile(
        r"\b(?:younger than|aged under)\s+(?P<n>\d{1,3})(?:\s+years?(?:\s+old)?)?\b", re.I
    ),
}
LASTING: Final = re.compile(r"\b(?:for|lasted|lasting|took|running) $", re.IGNORECASE)
"""A year after these words is not an age."""

COUNT: Final = re.compile(
    rf"\b(?P<n>\d{{1,3}}|{'|'.join(NUMBERS)})\b(?!\s*(?:%|percent|years?))", re.I
)
COUNTED: Final = re.compile(r"\s+(?:account|card|loan|transaction|dispute)s?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """``kinds`` maps each possible reading to its value. ``text`` is as written.

    ``headed``: the noun of its kind follows, as in "credit cards", where *credit* cannot mean anything
    else.
    """

    start: int
    end: int
    kinds: dict[str, Value]
    text: str
    headed: bool = False


class Extractor:
    def __init__(self, library: Library) -> None:
        self._library = library

    @cached_property
    def _values(self) -> list[tuple[re.Pattern[str], str, str]]:
        return [
            (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), kind, value)
            for kind, values in self._library.values.items()
            for value, patterns in values.items()
            for pattern in patterns
        ]

    @cached_property
    def _heads(self) -> dict[str, re.Pattern[str]]:
        return {
            kind: re.compile(rf"\W+(?:\w+\W+)?(?:{head})\b", re.IGNORECASE)
            for kind, head in self._library.heads.items()
        }

    def find(self, text: str) -> list[Mention]:
        """Finds the mentions in order. Of overlapping ones, the longest counts."""
        found: dict[tuple[int, int], dict[str, Value]] = {}
        for start, end, kind, value in self._candidates(text):
            found.setdefault((start, end), {})[kind] = value
        kept: list[Mention] = []
        for start, end in sorted(found, key=lambda span: (span[0] - span[1], span[0])):
            if _free(start, end, kept):
                headed = self._headed(found[start, end], text, end)
                kinds = headed or found[start, end]
                kept.append(Mention(start, end, kinds, text[start:end], bool(headed)))
        kept.extend(self._names(text, kept))
        kept.extend(_counts(text, kept))
        return sorted(kept, key=lambda mention: mention.start)

    def _candidates(self, text: str) -> Iterator[tuple[int, int, str, Value]]:
        for pattern, kind, value in self._values:
            for match in pattern.finditer(text):
                yield match.start(), match.end(), kind, value
        for kind, pattern in IDS.items():
            for match in pattern.finditer(text):
                yield match.start(), match.end(), kind, int(match["id"])
        yield from _compared(text)
        for start, end, period in find_periods(text, self._library.today):
            yield start, end, "period", period

    def _names(self, text: str, taken: list[Mention]) -> Iterator[Mention]:
        """Two capitalised words without another meaning are a person's name."""
        for match in NAME.finditer(text):
            start, end = match.span("name")
            known = {match["first"].lower(), match["last"].lower()} & self._ordinary
            if known or not _free(start, end, taken):
                continue
            if before := BEFORE_NAME.search(text, 0, start):
                start = before.start()
            if after := AFTER_NAME.match(text, end):
                end = after.end()
            yield Mention(start, end, {"customer": match["name"]}, match["name"])

    @cached_property
    def _ordinary(self) -> frozenset[str]:
        """Words that are capitalised without being a name, such as the first of a sentence."""
        nouns = (word for patterns in self._library.concepts.values() for word in patterns)
        plain = (word.removesuffix("s?") for word in nouns)
        return frozenset((*self._library.neutral, *plain, *MONTHS, *NUMBERS))

    def _headed(self, kinds: dict[str, Value], text: str, end: int) -> dict[str, Value]:
        """The readings whose noun follows: "business loans" is a kind of loan."""
        return {
            kind: value
            for kind, value in kinds.items()
            if kind in self._heads and self._heads[kind].match(text, end)
        }


def _compared(text: str) -> Iterator[tuple[int, int, str, Value]]:
    """ "Over 65" is an age, "over 1,000 euros" an amount, "more than two accounts" a count."""
    for side, pattern in COMPARED.items():
        for match in pattern.finditer(text):
            if LASTING.search(text, 0, match.start()) and match[0].rstrip().endswith("years"):
                continue
            number = _number(match["n"]) * _scale(match["k"])
            span = match.start(), match.end()
            if COUNTED.match(text, match.end()) and not match["money"]:
                yield *span, f"count_{side}", int(number)
            elif match["money"] or match["sign"] or number > 120:
                yield *span, f"amount_{side}", round(number * 100)
            else:
                yield *span, f"age_{side}", int(number)
    for kind, pattern in AGE.items():
        for match in pattern.finditer(text):
            yield match.start(), match.end(), kind, int(match["n"])


def _counts(text: str, taken: list[Mention]) -> Iterator[Mention]:
    """A number without another meaning: how many rows are wanted."""
    for match in COUNT.finditer(text):
        if _free(match.start(), match.end(), taken):
            yield Mention(match.start(), match.end(), {"n": int(_number(match["n"]))}, match[0])


def _free(start: int, end: int, taken: list[Mention]) -> bool:
    return all(end <= other.start or other.end <= start for other in taken)


def _number(text: str) -> float:
    return NUMBERS[text.lower()] if text.lower() in NUMBERS else float(text.replace(",", ""))


def _scale(word: str | None) -> int:
    if not word:
        return 1
    return 1_000_000 if "million" in word.lower() else 1_000
