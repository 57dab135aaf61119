"""Estimates how long xgrammar takes to compile a tree into a grammar."""

import functools
import math
from collections.abc import Iterator
from typing import Final

from genai.llms.json_schema.patterns.rendering import MAX_COUNT
from genai.llms.json_schema.patterns.tree import (
    Chars,
    Choice,
    Node,
    Repeat,
    Sequence,
    contains,
    lengths,
)

SPACE: Final = 0x20
"""Many tokens begin with a space, so a character that may be one costs more."""
WIDE_COST: Final = 1.5
"""Milliseconds of one character whose ranges contain the space."""
LONG_FACTOR: Final = 2.5
"""For a count above `MAX_COUNT`, which is written as several."""


@functools.lru_cache(maxsize=4096)
def cost(node: Node) -> float:
    """Milliseconds to compile the node, fitted to xgrammar 0.2 with a vocabulary of 11,000 tokens."""
    return _cost(node, 1.0)


def affordable(milliseconds: float) -> int:
    """How long a text of arbitrary characters may be to compile within that time."""
    count = milliseconds / WIDE_COST
    return int(count if count <= MAX_COUNT else max(MAX_COUNT, count / LONG_FACTOR))


def _cost(node: Node, times: float) -> float:
    match node:
        case Chars(ranges):
            return times * (WIDE_COST if contains(SPACE, ranges) else 0.25)
        case Choice(parts):
            return sum(_cost(part, times) for part in parts)
        case Sequence(parts):
            plain = sum(_cost(part, times) for part in parts)
            return plain + 0.35 * sum(_adjacent(parts)) * times
        case Repeat(part, least, most):
            count = min(most, least + 1) if math.isinf(most) else most
            low, high = lengths(part)
            if count > MAX_COUNT and most > least:
                times *= LONG_FACTOR
            if low == high or count <= 1:
                return _cost(part, times * max(count, 1))
            if math.isinf(high):
                return _cost(part, times * count) + 0.06 * _positions(part) * count**2 * times
            ambiguous = _positions(part) * count * (0.35 * count if low == 0 else 0.7)
            return _cost(part, times * count) + ambiguous * times


def _adjacent(parts: tuple[Node, ...]) -> Iterator[float]:
    """The cost of consecutive optional parts, where each part may follow each earlier one."""
    run: list[int] = []
    for part in (*parts, Chars(())):
        low, high = lengths(part)
        if low == 0 and 1 < high < math.inf:
            run.append(_positions(part))
            continue
        if len(run) > 1:
            yield sum(run) * len(run)
        run = []


def _positions(node: Node) -> int:
    match node:
        case Chars():
            return 1
        case Sequence(parts) | Choice(parts):
            return sum(map(_positions, parts))
        case Repeat(part, least, most):
            return _positions(part) * int(least + 1 if math.isinf(most) else max(most, 1))
