"""Limits the length of the texts that a tree matches."""

import functools
import math
from typing import Final

from genai.llms.json_schema.patterns.tree import Chars, Choice, Node, Repeat, Sequence, lengths

MAX_EVEN_LENGTH: Final = 24
"""Longest part that is tried when all repeats get the same length."""


@functools.lru_cache(maxsize=4096)
def limit_length(node: Node, least: int, most: float) -> Node | None:
    """A tree that matches those texts of the node's, or some, that have ``least`` to ``most`` characters.

    Returns `None` if it finds none.
    """
    low, high = lengths(node)
    if low >= least and high <= most:
        return node
    if low > most or high < least or least > most:
        return None
    match node:
        case Choice(parts):
            kept = [each for part in parts if (each := limit_length(part, least, most)) is not None]
            return Choice(tuple(kept)) if kept else None
        case Sequence(parts):
            return _limit_sequence(parts, least, most)
        case Repeat():
            return _limit_repeat(node, least, most)
        case Chars():
            return None


def _limit_sequence(parts: tuple[Node, ...], least: int, most: float) -> Node | None:
    lows = [lengths(part)[0] for part in parts]
    highs = [lengths(part)[1] for part in parts]
    spare = most - sum(lows)
    by_room = sorted(range(len(parts)), key=lambda index: highs[index] - lows[index])
    for done, index in enumerate(by_room):
        share = spare if math.isinf(spare) else spare // (len(parts) - done)
        highs[index] = min(highs[index], lows[index] + share)
        spare -= highs[index] - lows[index] if not math.isinf(spare) else 0
    missing = least - sum(lows)
    for index in range(len(parts)):
        more = int(min(max(missing, 0), highs[index] - lows[index]))
        lows[index] += more
        missing -= more
    pairs = zip(parts, lows, highs, strict=True)
    limited = [limit_length(part, low, high) for part, low, high in pairs]
    kept = tuple(part for part in limited if part is not None)
    if missing > 0 or len(kept) < len(parts):
        return None
    return Sequence(kept)


def _limit_repeat(node: Repeat, least: int, most: float) -> Node | None:
    low, high = lengths(node.part)
    if low == high:
        fewest = max(node.least, math.ceil(least / low))
        fullest = min(node.most, most // low)
        return Repeat(node.part, fewest, fullest) if fewest <= fullest else None
    fewest = node.least
    if fewest * low < least:
        fewest = max(fewest, math.ceil(least / min(high, max(low, 16))))
    if fewest > node.most:
        fewest = int(node.most)
    fullest = max(fewest, min(node.most, most // max(low, 1), 8 + fewest))
    part = limit_length(
        node.part, math.ceil(least / fewest) if fewest else 0, most // max(fullest, 1)
    )
    while part is None and fullest > fewest:
        fullest = max(fewest, fullest // 2)
        least_each = math.ceil(least / fewest) if fewest else 0
        part = limit_length(node.part, least_each, most // max(fullest, 1))
    return Repeat(part, fewest, fullest) if part is not None else _limit_evenly(node, least, most)


def _limit_evenly(node: Repeat, least: int, most: float) -> Node | None:
    """Tries parts of one length each, shortest first."""
    low, high = lengths(node.part)
    for length in range(max(low, 1), int(min(high, MAX_EVEN_LENGTH)) + 1):
        part = limit_length(node.part, length, length)
        if part is not None and (
            limited := limit_length(Repeat(part, node.least, node.most), least, most)
        ):
            return limited
    return None
