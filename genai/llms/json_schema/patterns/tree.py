"""The tree of a pattern: its nodes, and how long the texts are that a node matches."""

import functools
import math
import sys
from dataclasses import dataclass
from typing import Final

Ranges = tuple[tuple[int, int], ...]
SURROGATES: Final = (0xD800, 0xDFFF)


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of the ranges, whose ends belong to them."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    part: "Node"
    least: int
    most: float
    """May be infinite."""


Node = Chars | Sequence | Choice | Repeat

EMPTY: Final = Sequence(())


def without(ranges: Ranges, taken: Ranges) -> Ranges:
    for low, high in taken:
        left = ((start, min(end, low - 1)) for start, end in ranges)
        right = ((max(start, high + 1), end) for start, end in ranges)
        ranges = tuple(sorted(pair for pair in (*left, *right) if pair[0] <= pair[1]))
    return ranges


def contains(code: int, ranges: Ranges) -> bool:
    return any(low <= code <= high for low, high in ranges)


ALL: Final = without(((0, sys.maxunicode),), (SURROGATES,))
"""Every character that UTF-8 can encode."""
ANYTHING: Final = Repeat(Chars(ALL), 0, math.inf)


@functools.lru_cache(maxsize=4096)
def lengths(node: Node) -> tuple[int, float]:
    """The lengths of the shortest and the longest text that the node matches, in characters."""
    match node:
        case Chars():
            return 1, 1
        case Sequence(parts):
            each = [lengths(part) for part in parts]
            return sum(low for low, _ in each), sum(high for _, high in each)
        case Choice(parts):
            each = [lengths(part) for part in parts]
            return min(low for low, _ in each), max(high for _, high in each)
        case Repeat(part, least, most):
            low, high = lengths(part)
            return low * least, high * most if high and most else 0
