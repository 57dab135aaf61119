"""Parses the regular expression of a pattern into a tree, with the parser of Python's ``re``.

The tree may match less than the expression does, never more.
"""

import functools
import importlib
import math
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any, Final

from genai.llms.json_schema.patterns.tree import (
    ALL,
    ANYTHING,
    EMPTY,
    SURROGATES,
    Chars,
    Choice,
    Node,
    Ranges,
    Repeat,
    Sequence,
    lengths,
    without,
)

READER: Final[Any] = importlib.import_module("re._parser")
MAX_DEPTH: Final = 16
MAX_REPEATS: Final = 10_000
"""Highest count that a caller's pattern may name."""

WHY_NOT: Final = {
    "AT": "has an anchor or a word boundary in its middle",
    "ASSERT": "looks ahead or behind",
    "ASSERT_NOT": "looks ahead or behind",
    "GROUPREF": "refers to one of its groups",
    "GROUPREF_EXISTS": "refers to one of its groups",
}


class UnsupportedPattern(Exception):
    """The pattern cannot be turned into a grammar; the message completes "the pattern ..."."""


def parse(pattern: str) -> Node:
    """Raises `UnsupportedPattern`.

    JSON schema searches for a match anywhere in the text. With one anchor, anything may follow at
    the open side. Without anchors, the tree matches the whole text: an allowed restriction.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            parsed = READER.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        raise UnsupportedPattern("is none that Python's re can read") from None
    if parsed.state.flags & ~re.UNICODE.value:
        raise UnsupportedPattern("has flags")
    items = list(parsed)
    node = _sequence(items, first=True, last=True, depth=0)
    begun, ended = _anchored(items, 0, "AT_BEGINNING"), _anchored(items, -1, "AT_END")
    if begun == ended:
        return node if begun or node != EMPTY else ANYTHING
    return Sequence((node, ANYTHING) if begun else (ANYTHING, node))


def _anchored(items: list[Any], index: int, name: str) -> bool:
    """Whether the pattern, or one of its choices, is anchored at this side."""
    if not items:
        return False
    op, value = str(items[index][0]), items[index][1]
    if op == "AT":
        return str(value).startswith(name)
    if op == "SUBPATTERN":
        return _anchored(list(value[3]), index, name)
    return op == "BRANCH" and any(_anchored(list(each), index, name) for each in value[1])


def _sequence(items: list[Any], *, first: bool, last: bool, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise UnsupportedPattern("is nested too deeply")
    parts: list[Node] = []
    left = list(items)
    while left and first and str(left[0][0]) == "AT" and "BEGINNING" in str(left[0][1]):
        left.pop(0)
    while left and last and str(left[-1][0]) == "AT" and "END" in str(left[-1][1]):
        left.pop()
    for index, (op, value) in enumerate(left):
        edges = (first and index == 0, last and index == len(left) - 1)
        parts.append(_item(str(op), value, *edges, depth))
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def _item(op: str, value: Any, first: bool, last: bool, depth: int) -> Node:
    match op:
        case "LITERAL":
            return _chars(((value, value),))
        case "NOT_LITERAL":
            return _chars(without(ALL, ((value, value),)))
        case "ANY":
            return _chars(without(ALL, ((0x0A, 0x0A),)))
        case "IN":
            return _chars(_char_set(value))
        case "BRANCH":
            inner = [list(each) for each in value[1]]
            return Choice(
                tuple(_sequence(each, first=first, last=last, depth=depth + 1) for each in inner)
            )
        case "SUBPATTERN":
            if value[1] or value[2]:
                raise UnsupportedPattern("has flags")
            return _sequence(list(value[3]), first=first, last=last, depth=depth + 1)
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = value
            part = _sequence(list(inner), first=False, last=False, depth=depth + 1)
            return _repeat(part, int(least), math.inf if str(most) == "MAXREPEAT" else int(most))
        case _:
            raise UnsupportedPattern(WHY_NOT.get(op, "has possessive or atomic parts"))


def _repeat(part: Node, least: int, most: float) -> Node:
    if lengths(part)[1] == 0:
        return EMPTY
    if least > MAX_REPEATS or MAX_REPEATS < most < math.inf:
        raise UnsupportedPattern(f"counts further than {MAX_REPEATS:,}")
    return Repeat(part, least, most)


def _chars(ranges: Ranges) -> Chars:
    known = without(ranges, (SURROGATES,))
    if not known:
        raise UnsupportedPattern("asks for a character that there is not")
    return Chars(known)


def _char_set(items: list[Any]) -> Ranges:
    negated = bool(items) and str(items[0][0]) == "NEGATE"
    found: list[tuple[int, int]] = []
    for op, value in items[1:] if negated else items:
        match str(op):
            case "LITERAL":
                found.append((value, value))
            case "RANGE":
                found.append(value)
            case _:
                found.extend(_category(str(value), outside=negated))
    if negated:
        return without(ALL, tuple(found))
    return without(ALL, without(ALL, tuple(found)))


CATEGORIES: Final = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
EXACT_UP_TO: Final = {"DIGIT": 0x250, "SPACE": 0x3001, "WORD": 0x250}
"""Below this code point a class is exact; above it, a subset is used."""


@functools.cache
def _category(name: str, *, outside: bool) -> Ranges:
    """``outside`` asks for a superset of the class instead, because the set is negated."""
    kind = name.removeprefix("CATEGORY_")
    positive = kind.removeprefix("NOT_")
    known, end = re.compile(CATEGORIES[positive]), EXACT_UP_TO[positive]
    near = _ranges_of(code for code in range(end) if known.match(chr(code)))
    far = ((end, sys.maxunicode),)
    if positive != kind:
        near = without(((0, end - 1),), near)
    everywhere = outside if positive != "SPACE" else positive != kind
    return (*near, *far) if everywhere else near


def _ranges_of(codes: Iterator[int]) -> Ranges:
    runs: list[tuple[int, int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return tuple(runs)
