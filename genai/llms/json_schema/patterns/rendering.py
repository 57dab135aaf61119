"""Writes a tree as a regular expression for xgrammar. All it matches is valid within a JSON string."""

import math
import re
import sys
from collections.abc import Iterator
from typing import Final

from genai.llms.json_schema.patterns.parsing import parse
from genai.llms.json_schema.patterns.tree import (
    Chars,
    Choice,
    Node,
    Ranges,
    Repeat,
    Sequence,
    contains,
    without,
)

MAX_COUNT: Final = 100
"""Highest count in ``{m,n}``. xgrammar 0.2 compiles none above 128."""
QUOTE, BACKSLASH = 0x22, 0x5C
UNESCAPED: Final = ((0, 0x1F), (QUOTE, QUOTE), (BACKSLASH, BACKSLASH))
WIDTHS: Final = ((0, 0x7E), (0x80, 0x7FE), (0x800, 0xFFFD), (0x10000, sys.maxunicode))
"""Characters of one to four bytes in UTF-8.

The last one or two of each width (control and non-characters) are left out: see `_by_width`.
"""
ESCAPES: Final = {0x22: '"', 0x5C: "\\\\", 0x08: "b", 0x0C: "f", 0x0A: "n", 0x0D: "r", 0x09: "t"}
PLAIN_ESCAPES: Final = frozenset({0x22, 0x5C, 0x0A, 0x09})
CODE: Final = re.compile(r"\\u\{([0-9a-f]+)\}")


def render(node: Node) -> str:
    """A regular expression for the text between the quotes of a JSON string, escapes included."""
    return f"^{_render(node)}$"


def _render(node: Node, *, counted: bool = False) -> str:
    match node:
        case Chars(ranges):
            return _render_chars(ranges, escapes=not counted)
        case Sequence(parts):
            return "".join(_render(part, counted=counted) for part in parts)
        case Choice(parts):
            return f"({'|'.join(_render(part, counted=counted) for part in parts)})"
        case Repeat(part, least, most):
            inner = f"({_render(part, counted=counted or not math.isinf(most))})"
            return _render_repeat(inner, least, most)


def _render_repeat(inner: str, least: int, most: float) -> str:
    if math.isinf(most):
        return f"{_exactly(inner, least)}{inner}*"
    return f"{_exactly(inner, least)}{_up_to(inner, int(most) - least)}"


def _exactly(inner: str, count: int) -> str:
    """Splits a count above `MAX_COUNT`."""
    whole, rest = divmod(count, MAX_COUNT)
    return f"{inner}{{{MAX_COUNT}}}" * whole + (f"{inner}{{{rest}}}" if rest else "")


def _up_to(inner: str, count: int) -> str:
    """Unambiguous: were there several ways to match a text, compiling would take seconds."""
    if count <= MAX_COUNT:
        return f"{inner}{{0,{count}}}" if count else ""
    full = f"{inner}{{{MAX_COUNT}}}"
    fewer = f"{inner}{{0,{MAX_COUNT - 1}}}"
    return f"({fewer}|{full}{_up_to(inner, count - MAX_COUNT)})"


def _render_chars(ranges: Ranges, *, escapes: bool) -> str:
    """Control characters, quote and backslash are escaped, or left out where others remain."""
    plain = tuple(_by_width(without(ranges, UNESCAPED)))
    special = [code for code in (*range(0x20), QUOTE, BACKSLASH) if contains(code, ranges)]
    whole = f"[{''.join(f'{_code(low)}-{_code(high)}' for low, high in plain)}]"
    wanted = [code for code in special if not plain or (escapes and code in PLAIN_ESCAPES)]
    if not wanted:
        return whole
    choices = ([whole] if plain else []) + [_escaped(code) for code in wanted]
    return f"({'|'.join(choices)})"


def _by_width(ranges: Ranges) -> Iterator[tuple[int, int]]:
    """Splits ranges at the widths of UTF-8, with a gap.

    From a range across two widths xgrammar 0.2 makes invalid bytes, and it joins adjacent ranges.
    """
    for low, high in ranges:
        for start, end in WIDTHS:
            if low <= end and high >= start:
                yield max(low, start), min(high, end)


def _code(code: int) -> str:
    return f"\\u{{{code:x}}}"


def _escaped(code: int) -> str:
    known = ESCAPES.get(code)
    return rf"\\{known}" if known is not None else rf"\\u{code:04x}"


def parse_rendered(pattern: str) -> Node:
    """The tree of a rendered pattern. It matches the text between the quotes, escapes included."""
    return parse(CODE.sub(lambda found: rf"\U{int(found[1], 16):08x}", pattern))
