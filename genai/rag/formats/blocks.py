"""The blocks that every format is converted to, and their Markdown.

Text stays text: nothing in it can become a comment, a heading, a table or a code fence.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

UNSEEN = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
"""Invisible characters: zero-width, direction marks, tags. Joiners within words stay."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
_STRUCTURE = re.compile(r"\s*(?:#{1,6}\s|```|~~~|<!--|\|)")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A list item; ``depth`` 0 is the outermost."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The first row is the header."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    text: str


Block = Heading | Paragraph | Item | Table | Code


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a file. ``title`` is its own title, or empty."""

    blocks: tuple[Block, ...]
    title: str = ""


def seen(text: str) -> str:
    """The text without invisible characters."""
    return _CONTROL.sub("", UNSEEN.sub("", text))


def one_line(text: str) -> str:
    return " ".join(seen(text).split())


def to_markdown(blocks: Iterable[Block]) -> str:
    """The blocks in sequence; list items are not separated by empty lines."""
    parts: list[str] = []
    after_item = False
    for block in blocks:
        text = _written(block)
        if text:
            is_item = isinstance(block, Item)
            parts += ("\n" if is_item and after_item else "\n\n", text)
            after_item = is_item
    return "".join(parts).strip("\n") + "\n" if parts else ""


def _written(block: Block) -> str:
    match block:
        case Heading(level, text):
            title = one_line(text)
            return f"{'#' * min(max(level, 1), 6)} {title}" if title else ""
        case Paragraph(text):
            return "\n".join(map(_plain, _lines(text)))
        case Item(text, depth):
            lines = _lines(text)
            return "\n".join(
                f"{'  ' * depth}{'  ' if number else '- '}{_plain(line)}"
                for number, line in enumerate(lines)
            )
        case Table(rows):
            return _table(rows)
        case Code(text):
            return _code(text)


def _lines(text: str) -> list[str]:
    return [line for line in map(one_line, text.split("\n")) if line]


def _plain(line: str) -> str:
    return f"\\{line}" if _STRUCTURE.match(line) else line


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    full = [cells for row in rows if any(cells := [_cell(cell) for cell in row])]
    width = max(map(len, full), default=0)
    lines = [_row([*cells, *[""] * (width - len(cells))]) for cells in full]
    return "\n".join([*lines[:1], _row(["---"] * width), *lines[1:]]) if lines else ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace("|", "\\|")


def _code(text: str) -> str:
    body = seen(text).strip("\n")
    if not body.strip():
        return ""
    return _as_text(body) if _FENCE.search(body) else f"```\n{body}\n```"


def _as_text(text: str) -> str:
    """Renders code that contains fences as text."""
    return "\n".join(map(_plain, _lines(text)))
