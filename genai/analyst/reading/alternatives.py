"""Splits a comparison in two: "blocked debit cards versus credit cards", "more in 2024 or in 2025?"

The two questions differ in one name, and the model handles each of them well. Candidates for the words
of each side are checked by the names: apart from the two sides, both questions must keep all names.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Final

from genai.worked_examples.mentions import Mention, Value
from genai.worked_examples.periods import Period

BETWEEN: Final = re.compile(
    r",? (?:and|or|versus|vs\.?|against|with|than|to|per|for (?:each|every|one)|compared (?:to|with))"
    r"(?: the)? ",
    re.IGNORECASE,
)
LONGEST: Final = 6
"""Maximum words of one side."""

WORD: Final = re.compile(r"[^\s:;]+")
TWICE: Final = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
STANDS_FOR: Final = re.compile(r"\b(?:that|those) (?=of|in|for|from|at)", re.IGNORECASE)

Find = Callable[[str], tuple[Mention, ...]]
Names = Counter[frozenset[tuple[str, Value]]]


def alternatives(question: str, find: Find) -> tuple[str, str] | None:
    """The question with only the first side, and with only the second."""
    text = STANDS_FOR.sub("", question.rstrip("?!. "))
    for between in BETWEEN.finditer(text):
        for first, second in _sides(text, between):
            if _differ_in_a_name(_names(first, find), _names(second, find)):
                return first, second
    return None


def _sides(text: str, between: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Candidates, best first: sides with the same first and last word, then of equal length, then the
    shortest.
    """
    before = list(WORD.finditer(text, 0, between.start()))[-LONGEST:]
    after = list(WORD.finditer(text, between.end()))[:LONGEST]

    def unlike(lengths: tuple[int, int]) -> tuple[int, int, int]:
        left, right = before[-lengths[0] :], after[: lengths[1]]
        alike = _same(left[0], right[0]) + _same(left[-1], right[-1])
        return -alike, abs(len(left) - len(right)), len(left) + len(right)

    lengths = product(range(1, len(before) + 1), range(1, len(after) + 1))
    for left, right in sorted(lengths, key=unlike):
        begins, ends = before[-left].start(), after[right - 1].end()
        yield (
            _tidy(f"{text[: between.start()]} {text[ends:]}"),
            _tidy(f"{text[:begins]} {text[between.end() :]}"),
        )


def _same(one: re.Match[str], other: re.Match[str]) -> bool:
    return one[0].lower() == other[0].lower()


def _tidy(text: str) -> str:
    return (
        TWICE.sub(r"\1", " ".join(text.split())).replace(" ,", ",").replace(" :", ":").strip(" ,:;")
    )


def _names(text: str, find: Find) -> Names:
    return Counter(frozenset(mention.kinds.items()) for mention in find(text))


def _differ_in_a_name(one: Names, other: Names) -> bool:
    first, second = list((one - other).elements()), list((other - one).elements())
    if len(first) != 1 or len(second) != 1:
        return False
    mine, its = dict(first[0]), dict(second[0])
    return any(
        type(mine[kind]) is type(its[kind]) and isinstance(mine[kind], str | Period)
        for kind in mine.keys() & its.keys()
    )
