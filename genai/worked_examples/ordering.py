"""Parses a text into orders: one, or several at once.

    Block card 7001                              one
    Block cards 7001, 7002 and card 7003         the same for each number
    Block card 7001, and dispute transaction 5   one after the other

The whole text must consist of orders; otherwise it contains none.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from genai.worked_examples.orders import Order, without_unclear_numbers

MAX_ORDERS: Final = 5
MAX_JOINTS: Final = 12
MAX_CHARS: Final = 500
"""Maximum characters of a text with orders."""

_TOO = r"(?:also\s+|then\s+)*"
_COMMA = r"\s*,(?!(?<=\d,)\d{3}\b)\s*"
"""No comma within *51,784*."""
_AND = rf"(?:{_COMMA}(?:and\s+|&\s*)?{_TOO}|\s+(?:and|&|plus|as\s+well\s+as)\s+{_TOO})"
_NUMBERS = re.compile(rf"\b\d{{1,9}}(?:{_AND}(?:[a-z.#]+\s+){{0,3}}?#?\d{{1,9}}\b)+", re.IGNORECASE)
_NUMBER = re.compile(r"\b\d{1,9}\b")
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_JOINT = re.compile(rf"{_AND}|[.;!]\s+(?:and\s+)?{_TOO}", re.IGNORECASE)


class ParsedOrder(NamedTuple):
    tool: str
    arguments: dict[str, str | int]
    missing: tuple[str, ...] = ()
    """What has to be asked first."""


def parse_orders(text: str, orders: Sequence[Order]) -> tuple[ParsedOrder, ...]:
    """The orders in sequence, without duplicates; none unless the whole text consists of orders."""
    text = " ".join(text.split())
    if len(text) > MAX_CHARS:
        return ()
    found: list[ParsedOrder] = []
    for one in _parse(text, orders):
        if one not in found:
            found.append(one)
    return tuple(found)


def complete_order(text: str, before: str, orders: Sequence[Order]) -> str | None:
    """Completes the previous order: *block my card*, then *7001*. `None` for any other text."""
    incomplete = any(one.missing for one in parse_orders(before, orders))
    if not incomplete or parse_orders(text, orders):
        return None
    whole = f"{without_unclear_numbers(before).rstrip(' .!?')}, {text}"
    return whole if parse_orders(whole, orders) else None


def is_ordered(texts: Sequence[str], orders: Sequence[Order]) -> bool:
    """Whether the last text is an order, or completes one."""
    whole = ""
    for text in texts:
        whole = complete_order(text, whole, orders) or text
    return bool(parse_orders(whole, orders))


def _parse(text: str, orders: Sequence[Order]) -> list[ParsedOrder]:
    one = _parse_one(text, orders)
    return [one] if one else _parse_for_each_number(text, orders) or _parse_sequence(text, orders)


def _parse_one(text: str, orders: Sequence[Order]) -> ParsedOrder | None:
    for order in orders:
        filled = order.parse(text)
        if filled is not None:
            return ParsedOrder(order.tool, filled.arguments, filled.missing)
    return None


def _parse_for_each_number(text: str, orders: Sequence[Order]) -> list[ParsedOrder]:
    """Repeats an order for each of several numbers."""
    for numbers in _NUMBERS.finditer(text):
        before, after = text[: numbers.start()], text[numbers.end() :]
        if set(_words(numbers[0])) - set(_words(f"{before} and plus also then as well")):
            continue  # what stands between them says more than what stood before the first
        found = [
            _parse_one(f"{before}{number}{after}", orders) for number in _NUMBER.findall(numbers[0])
        ]
        read = [one for one in found if one is not None]
        if len(read) == len(found):
            return read
    return []


def _words(text: str) -> Iterator[str]:
    return (word.lower().removesuffix("s") for word in _WORD.findall(text))


def _parse_sequence(text: str, orders: Sequence[Order]) -> list[ParsedOrder]:
    """Splits off the shortest first order whose rest consists of orders, too."""
    joints = [(joint.start(), joint.end()) for joint in _JOINT.finditer(text)]
    if len(joints) > MAX_JOINTS:
        return []
    starts = [0, *(end for _, end in joints)]
    ends = [*(start for start, _ in joints), len(text)]
    read: list[list[ParsedOrder]] = [[] for _ in starts]
    for first in reversed(range(len(starts))):
        for last in range(first, len(starts)):
            rest = read[last + 1] if last + 1 < len(starts) else None
            if rest == []:
                continue
            piece = text[starts[first] : ends[last]]
            one = _parse_one(piece, orders)
            if found := [one] if one else _parse_for_each_number(piece, orders):
                read[first] = [*found, *(rest or [])]
                break
    return read[0]
