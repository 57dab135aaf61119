"""The structure of a Markdown text: headings, paragraphs, lists, tables, code and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "list", "table", "code", "comment"]

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+\S")
_FENCE = re.compile(r"\s*(```|~~~)")
_COMMENT = re.compile(r"\s*<!--")
_COMMENT_END = "-->"
_DELIMITER = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")

_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|no|art|sec|fig|cf|incl|excl|mr|mrs|ms|dr|st|inc|ltd|co|u\.s|a\.m|p\.m)"
    r"|\b[A-Z])\.$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?][\"')\]*_]*(?=\s+[\"'(\[*_]*[A-Z0-9])")


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A range of a text: ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block of lines. ``level`` is that of a heading, from 1 to 6."""

    kind: Kind
    start: int
    end: int
    level: int = 0


def parse_blocks(text: str) -> list[Block]:
    """The blocks of a text, in order, with white space between them."""
    return list(_blocks(list(_lines(text)), text))


def heading_title(line: str) -> str:
    """The words of a heading."""
    match = _HEADING.match(line)
    return match.group(2) if match else line.strip()


def sentences(text: str, span: TextSpan) -> list[TextSpan]:
    """The sentences of a span, without the white space around them."""
    start, found = span.start, []
    for match in _SENTENCE_END.finditer(text, span.start, span.end):
        before = text[start : match.start() + 1]
        if not _ABBREVIATION.search(before):
            found.append(trim(text, start, match.end()))
            start = match.end()
    found.append(trim(text, start, span.end))
    return [span for span in found if span.start < span.end]


def items(text: str, block: Block) -> list[TextSpan]:
    """The items of a list, each with the lines that continue it."""
    starts = [
        line.start for line in _lines(text, block) if _ITEM.match(text[line.start : line.end])
    ]
    return _between(text, starts, block.end)


def rows(text: str, block: Block) -> list[TextSpan]:
    """The lines of a table without its header; the header as well when it has no delimiter row."""
    lines = list(_lines(text, block))
    body = lines[2:] if has_header(text, block) else lines
    return [trim(text, line.start, line.end) for line in body]


def header(text: str, block: Block) -> str:
    """The header row of a table with its delimiter row; empty when it has none."""
    if not has_header(text, block):
        return ""
    return text[block.start : list(_lines(text, block))[1].end].rstrip()


def has_header(text: str, block: Block) -> bool:
    lines = list(_lines(text, block))
    return len(lines) > 1 and bool(_DELIMITER.match(text[lines[1].start : lines[1].end]))


def cells(row: str) -> list[str]:
    """The cells of a table row, without emphasis marks."""
    return [plain(cell) for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def plain(text: str) -> str:
    """Plain text on one line: without list and emphasis marks, links by their words."""
    text = re.sub(r"^\s*(?:[-*+]|\d{1,3}[.)]|>)\s+", "", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])\*(?!\s)([^*]+?)(?<!\s)\*(?![\w*])", r"\1", text)
    return " ".join(text.split())


def trim(text: str, start: int, end: int) -> TextSpan:
    """The span without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return TextSpan(start, end)


def _lines(text: str, within: Block | None = None) -> Iterator[TextSpan]:
    position, end = (within.start, within.end) if within else (0, len(text))
    while position < end:
        newline = text.find("\n", position, end)
        stop = end if newline < 0 else newline
        yield TextSpan(position, stop)
        position = stop + 1


def _between(text: str, starts: list[int], end: int) -> list[TextSpan]:
    return [trim(text, start, stop) for start, stop in zip(starts, [*starts[1:], end], strict=True)]


def _blocks(lines: list[TextSpan], text: str) -> Iterator[Block]:
    index = 0
    while index < len(lines):
        line = text[lines[index].start : lines[index].end]
        if not line.strip():
            index += 1
            continue
        kind = _kind(line)
        stop = _end_of_block(lines, text, index, kind)
        match = _HEADING.match(line)
        yield Block(
            kind, lines[index].start, lines[stop - 1].end, len(match.group(1)) if match else 0
        )
        index = stop


def _kind(line: str) -> Kind:
    if _HEADING.match(line):
        return "heading"
    if _FENCE.match(line):
        return "code"
    if _COMMENT.match(line):
        return "comment"
    if line.lstrip().startswith("|"):
        return "table"
    return "list" if _ITEM.match(line) else "paragraph"


def _end_of_block(lines: list[TextSpan], text: str, first: int, kind: Kind) -> int:
    """Index of the line after the block that begins at ``first``."""
    if kind == "heading":
        return first + 1
    if kind == "comment":
        return _end_of_comment(lines, text, first)
    index = first + 1
    while index < len(lines) and _continues(text[lines[index].start : lines[index].end], kind):
        index += 1
    if kind == "code" and index < len(lines):
        return index + 1
    if kind == "list" and _list_goes_on(lines, text, index):
        return _end_of_block(lines, text, index + 1, kind)
    return index


def _end_of_comment(lines: list[TextSpan], text: str, first: int) -> int:
    """An unclosed comment is only one line."""
    for index in range(first, len(lines)):
        if _COMMENT_END in text[lines[index].start : lines[index].end]:
            return index + 1
    return first + 1


def _continues(line: str, kind: Kind) -> bool:
    if kind == "code":
        return not _FENCE.match(line)
    if not line.strip() or _HEADING.match(line):
        return False
    if kind == "table":
        return line.lstrip().startswith("|")
    if kind == "list":
        return not line.lstrip().startswith("|")
    return _kind(line) == "paragraph"


def _list_goes_on(lines: list[TextSpan], text: str, blank: int) -> bool:
    """Whether an item or an indented line follows a blank line."""
    if blank + 1 >= len(lines) or text[lines[blank].start : lines[blank].end].strip():
        return False
    line = text[lines[blank + 1].start : lines[blank + 1].end]
    return bool(_ITEM.match(line)) or (bool(line.strip()) and line.startswith("  "))
