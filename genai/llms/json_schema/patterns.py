"""Patterns of a JSON schema as trees: read as Python reads them, drawn in, and written for a grammar.

What a tree stands for is a part of what the pattern allows, and always valid within a JSON string.
"""

import functools
import importlib
import math
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

READER: Final[Any] = importlib.import_module("re._parser")

MOST_DEPTH: Final = 16
MOST_COUNTED: Final = 100
"""Of one part of a pattern; xgrammar 0.2 makes no grammar of a count above 128."""

MOST_WRITTEN: Final = 10_000
MOST_EVEN: Final = 24
MOST_STEPS: Final = 100_000
"""Of reading a text that was cut: of most patterns a step is a character."""

WIDE_COST: Final = 1.5
LONG_FACTOR: Final = 2.5
"""What a count costs more when it is written as several."""

SURROGATES: Final = (0xD800, 0xDFFF)
SPACE, QUOTE, BACKSLASH = 0x20, 0x22, 0x5C
"""Many tokens begin with a space."""
UNESCAPED: Final = ((0, 0x1F), (QUOTE, QUOTE), (BACKSLASH, BACKSLASH))
WIDTHS: Final = ((0, 0x7E), (0x80, 0x7FE), (0x800, 0xFFFD), (0x10000, sys.maxunicode))
"""What UTF-8 writes as one to four bytes, with gaps of what nobody writes in between."""
ESCAPES: Final = {0x22: '"', 0x5C: "\\\\", 0x08: "b", 0x0C: "f", 0x0A: "n", 0x0D: "r", 0x09: "t"}
LIKED: Final = tuple(map(ord, "0aA"))
CODE: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
PLAIN_ESCAPES: Final = frozenset({0x22, 0x5C, 0x0A, 0x09})

Ranges = tuple[tuple[int, int], ...]


WHY_NOT: Final = {
    "AT": "has an anchor or a word boundary in its middle",
    "ASSERT": "looks ahead or behind",
    "ASSERT_NOT": "looks ahead or behind",
    "GROUPREF": "refers to one of its groups",
    "GROUPREF_EXISTS": "refers to one of its groups",
}


class Unsupported(Exception):
    """Of this pattern no grammar can be made, for the reason in the message."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of the ranges."""

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


Node = Chars | Sequence | Choice | Repeat

EMPTY: Final = Sequence(())


def without(ranges: Ranges, taken: Ranges) -> Ranges:
    for low, high in taken:
        left = ((start, min(end, low - 1)) for start, end in ranges)
        right = ((max(start, high + 1), end) for start, end in ranges)
        ranges = tuple(sorted(pair for pair in (*left, *right) if pair[0] <= pair[1]))
    return ranges


ALL: Final = without(((0, sys.maxunicode),), (SURROGATES,))
ANYTHING: Final = Repeat(Chars(ALL), 0, math.inf)


def read(pattern: str) -> Node:
    """Raises `Unsupported`. A side without an anchor stays open if the other one has an anchor."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            parsed = READER.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        raise Unsupported("is none that Python's re can read") from None
    if parsed.state.flags & ~re.UNICODE.value:
        raise Unsupported("has flags")
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
    if depth > MOST_DEPTH:
        raise Unsupported("is nested too deeply")
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
            return _chars(_set(value))
        case "BRANCH":
            inner = [list(each) for each in value[1]]
            return Choice(
                tuple(_sequence(each, first=first, last=last, depth=depth + 1) for each in inner)
            )
        case "SUBPATTERN":
            if value[1] or value[2]:
                raise Unsupported("has flags")
            return _sequence(list(value[3]), first=first, last=last, depth=depth + 1)
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = value
            part = _sequence(list(inner), first=False, last=False, depth=depth + 1)
            return _repeat(part, int(least), math.inf if str(most) == "MAXREPEAT" else int(most))
        case _:
            raise Unsupported(WHY_NOT.get(op, "has possessive or atomic parts"))


def _repeat(part: Node, least: int, most: float) -> Node:
    if lengths(part)[1] == 0:
        return EMPTY
    if least > MOST_WRITTEN or MOST_WRITTEN < most < math.inf:
        raise Unsupported(f"counts further than {MOST_WRITTEN:,}")
    return Repeat(part, least, most)


def _chars(ranges: Ranges) -> Chars:
    known = without(ranges, (SURROGATES,))
    if not known:
        raise Unsupported("asks for a character that there is not")
    return Chars(known)


def _set(items: list[Any]) -> Ranges:
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
FEW: Final = {"DIGIT": 0x250, "SPACE": 0x3001, "WORD": 0x250}
"""Up to here, Latin letters or all spaces, a class is kept exactly; elsewhere a part will do."""


@functools.cache
def _category(name: str, *, outside: bool) -> Ranges:
    """``outside``: more than the class is needed, because it is taken away from something."""
    kind = name.removeprefix("CATEGORY_")
    positive = kind.removeprefix("NOT_")
    known, end = re.compile(CATEGORIES[positive]), FEW[positive]
    near = _runs(code for code in range(end) if known.match(chr(code)))
    far = ((end, sys.maxunicode),)
    if positive != kind:
        near = without(((0, end - 1),), near)
    everywhere = outside if positive != "SPACE" else positive != kind
    return (*near, *far) if everywhere else near


def _runs(codes: Iterator[int]) -> Ranges:
    runs: list[tuple[int, int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return tuple(runs)


@functools.lru_cache(maxsize=4096)
def lengths(node: Node) -> tuple[int, float]:
    """The fewest and the most characters of its texts."""
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


@functools.lru_cache(maxsize=4096)
def drawn_in(node: Node, least: int, most: float) -> Node | None:
    """A part of the node whose texts have ``least`` to ``most`` characters; nothing if none is found."""
    low, high = lengths(node)
    if low >= least and high <= most:
        return node
    if low > most or high < least or least > most:
        return None
    match node:
        case Choice(parts):
            kept = [each for part in parts if (each := drawn_in(part, least, most)) is not None]
            return Choice(tuple(kept)) if kept else None
        case Sequence(parts):
            return _sequence_drawn_in(parts, least, most)
        case Repeat():
            return _repeat_drawn_in(node, least, most)
        case Chars():
            return None


def _sequence_drawn_in(parts: tuple[Node, ...], least: int, most: float) -> Node | None:
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
    drawn = [drawn_in(part, low, high) for part, low, high in pairs]
    kept = tuple(part for part in drawn if part is not None)
    if missing > 0 or len(kept) < len(parts):
        return None
    return Sequence(kept)


def _repeat_drawn_in(node: Repeat, least: int, most: float) -> Node | None:
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
    part = drawn_in(node.part, math.ceil(least / fewest) if fewest else 0, most // max(fullest, 1))
    while part is None and fullest > fewest:
        fullest = max(fewest, fullest // 2)
        least_each = math.ceil(least / fewest) if fewest else 0
        part = drawn_in(node.part, least_each, most // max(fullest, 1))
    return Repeat(part, fewest, fullest) if part is not None else _even(node, least, most)


def _even(node: Repeat, least: int, most: float) -> Node | None:
    """Parts that all have the same length, where there is one that fits."""
    low, high = lengths(node.part)
    for length in range(max(low, 1), int(min(high, MOST_EVEN)) + 1):
        part = drawn_in(node.part, length, length)
        if part is not None and (
            drawn := drawn_in(Repeat(part, node.least, node.most), least, most)
        ):
            return drawn
    return None


@functools.lru_cache(maxsize=4096)
def cost(node: Node) -> float:
    """Milliseconds that a grammar of it costs, measured with xgrammar 0.2 and 11,000 tokens."""
    return _cost(node, 1.0)


def affordable(milliseconds: float) -> int:
    """How many characters of any kind a text may have for that."""
    count = milliseconds / WIDE_COST
    return int(count if count <= MOST_COUNTED else max(MOST_COUNTED, count / LONG_FACTOR))


def _cost(node: Node, times: float) -> float:
    match node:
        case Chars(ranges):
            return times * (WIDE_COST if _within(SPACE, ranges) else 0.25)
        case Choice(parts):
            return sum(_cost(part, times) for part in parts)
        case Sequence(parts):
            plain = sum(_cost(part, times) for part in parts)
            return plain + 0.35 * sum(_adjacent(parts)) * times
        case Repeat(part, least, most):
            count = min(most, least + 1) if math.isinf(most) else most
            low, high = lengths(part)
            if count > MOST_COUNTED and most > least:
                times *= LONG_FACTOR
            if low == high or count <= 1:
                return _cost(part, times * max(count, 1))
            if math.isinf(high):
                return _cost(part, times * count) + 0.06 * _places(part) * count**2 * times
            ambiguous = _places(part) * count * (0.35 * count if low == 0 else 0.7)
            return _cost(part, times * count) + ambiguous * times


def _adjacent(parts: tuple[Node, ...]) -> Iterator[float]:
    """What runs of parts that may be left out cost: each may follow on each."""
    run: list[int] = []
    for part in (*parts, Chars(())):
        low, high = lengths(part)
        if low == 0 and 1 < high < math.inf:
            run.append(_places(part))
            continue
        if len(run) > 1:
            yield sum(run) * len(run)
        run = []


def _places(node: Node) -> int:
    match node:
        case Chars():
            return 1
        case Sequence(parts) | Choice(parts):
            return sum(map(_places, parts))
        case Repeat(part, least, most):
            return _places(part) * int(least + 1 if math.isinf(most) else max(most, 1))


def written(node: Node) -> str:
    """The regular expression for xgrammar, whose text goes between quotes as it is."""
    return f"^{_written(node)}$"


def _written(node: Node, *, counted: bool = False) -> str:
    match node:
        case Chars(ranges):
            return _written_chars(ranges, escapes=not counted)
        case Sequence(parts):
            return "".join(_written(part, counted=counted) for part in parts)
        case Choice(parts):
            return f"({'|'.join(_written(part, counted=counted) for part in parts)})"
        case Repeat(part, least, most):
            inner = f"({_written(part, counted=counted or not math.isinf(most))})"
            return _repeated(inner, least, most)


def _repeated(inner: str, least: int, most: float) -> str:
    if math.isinf(most):
        return f"{_exactly(inner, least)}{inner}*"
    return f"{_exactly(inner, least)}{_up_to(inner, int(most) - least)}"


def _exactly(inner: str, count: int) -> str:
    """A count of more than `MOST_COUNTED` is written as several."""
    whole, rest = divmod(count, MOST_COUNTED)
    return f"{inner}{{{MOST_COUNTED}}}" * whole + (f"{inner}{{{rest}}}" if rest else "")


def _up_to(inner: str, count: int) -> str:
    """Each text fits in one way only: where it could in many, the grammar takes seconds to make."""
    if count <= MOST_COUNTED:
        return f"{inner}{{0,{count}}}" if count else ""
    full = f"{inner}{{{MOST_COUNTED}}}"
    fewer = f"{inner}{{0,{MOST_COUNTED - 1}}}"
    return f"({fewer}|{full}{_up_to(inner, count - MOST_COUNTED)})"


def read_back(pattern: str) -> Node:
    """What was written, as a tree of the characters that stand between the quotes."""
    return read(CODE.sub(lambda found: rf"\U{int(found[1], 16):08x}", pattern))


def rest_of(node: Node, begun: str) -> str | None:
    """The shortest text that completes one which begins like this; nothing if there is none."""
    left: dict[Node, None] = {node: None}
    steps = 0
    for character in begun:
        code = ord(character)
        found = [after for each in left for after in _after(each, code)]
        left = dict.fromkeys(found)
        steps += len(found)
        if steps > MOST_STEPS:
            return None
    return min(map(_shortest, left), key=len, default=None)


def _after(node: Node, code: int) -> Iterator[Node]:
    """What may follow once the character has been read."""
    match node:
        case Chars(ranges):
            if _within(code, ranges):
                yield EMPTY
        case Choice(parts):
            for part in parts:
                yield from _after(part, code)
        case Sequence(parts):
            for index, part in enumerate(parts):
                rest = parts[index + 1 :]
                yield from (_joined(after, rest) for after in _after(part, code))
                if lengths(part)[0] > 0:
                    return
        case Repeat(part, least, most):
            if most > 0:
                rest = (Repeat(part, max(least - 1, 0), most - 1),)
                yield from (_joined(after, rest) for after in _after(part, code))


def _joined(first: Node, rest: tuple[Node, ...]) -> Node:
    parts = (*first.parts, *rest) if isinstance(first, Sequence) else (first, *rest)
    return parts[0] if len(parts) == 1 else Sequence(parts)


def _shortest(node: Node) -> str:
    match node:
        case Chars(ranges):
            liked = next((code for code in LIKED if _within(code, ranges)), ranges[0][0])
            return chr(liked)
        case Sequence(parts):
            return "".join(map(_shortest, parts))
        case Choice(parts):
            return min(map(_shortest, parts), key=len)
        case Repeat(part, least, _):
            return _shortest(part) * least


def _written_chars(ranges: Ranges, *, escapes: bool) -> str:
    """Characters that JSON forbids within a string are escaped, or left out where others remain."""
    plain = tuple(_by_width(without(ranges, UNESCAPED)))
    special = [code for code in (*range(0x20), QUOTE, BACKSLASH) if _within(code, ranges)]
    whole = f"[{''.join(f'{_code(low)}-{_code(high)}' for low, high in plain)}]"
    wanted = [code for code in special if not plain or (escapes and code in PLAIN_ESCAPES)]
    if not wanted:
        return whole
    choices = ([whole] if plain else []) + [_escaped(code) for code in wanted]
    return f"({'|'.join(choices)})"


def _by_width(ranges: Ranges) -> Iterator[tuple[int, int]]:
    """xgrammar 0.2 makes bytes that are no UTF-8 of a range across widths, and joins neighbours."""
    for low, high in ranges:
        for start, end in WIDTHS:
            if low <= end and high >= start:
                yield max(low, start), min(high, end)


def _within(code: int, ranges: Ranges) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _code(code: int) -> str:
    return f"\\u{{{code:x}}}"


def _escaped(code: int) -> str:
    known = ESCAPES.get(code)
    return rf"\\{known}" if known is not None else rf"\\u{code:04x}"
