"""Assembles headings, paragraphs and lists from the lines on pages."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from genai.rag.formats.blocks import Block, Code, Heading, Item, Paragraph, Table

_LARGER = 1.12
"""Letters larger than most by this factor are a heading."""

_LONG_TITLE = 90
_BULLET = re.compile(
    r"(?:[\u2022\u25aa\u25cf\u25e6\u2023\u2043\u25a0\uf0b7\u00b7]|[-\u2013*]\s)\s*"
)
_NUMBERED = re.compile(r"\(?\d{1,2}[.)]\s+\S")
_MARGIN = 0.1
"""The share of a page at its top and bottom that may hold running titles."""


@dataclass(frozen=True, slots=True)
class Line:
    """``height`` is its position: 0 at the bottom of the page, 1 at the top."""

    text: str
    size: float
    bold: bool = False
    height: float = 0.5


Group = Sequence[Line] | Table
"""Lines of one paragraph; or a table."""


def assembled(pages: Sequence[Sequence[Group]]) -> Iterator[Block]:
    """The blocks of all pages, without repeated titles and page numbers."""
    running = _running(pages)
    levels, body = _levels(line for page in pages for line in _lines(page))
    for page in pages:
        for group in page:
            if isinstance(group, Table):
                yield group
            else:
                kept = [line for line in group if _outline(line) not in running]
                yield from _joined(_named(kept, levels, body))


def _lines(page: Sequence[Group]) -> Iterator[Line]:
    for group in page:
        if not isinstance(group, Table):
            yield from group


def _running(pages: Sequence[Sequence[Group]]) -> set[str]:
    """Text in the margins of most pages, ignoring numbers."""
    if len(pages) < 3:
        return set()
    seen = Counter[str]()
    for page in pages:
        edge = (x for x in _lines(page) if not _MARGIN < x.height < 1 - _MARGIN)
        seen.update({_outline(line) for line in edge})
    return {outline for outline, times in seen.items() if times > len(pages) / 2}


def _outline(line: Line) -> str:
    """A line without what changes from page to page; `None` outside the margins."""
    if _MARGIN < line.height < 1 - _MARGIN:
        return ""
    return re.sub(r"\d+", "#", line.text)


def _levels(lines: Iterable[Line]) -> tuple[dict[float, int], float]:
    """Heading levels by font size, and the size of most letters."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    if not sizes:
        return {}, 0.0
    body = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size > _LARGER * body), reverse=True)
    return {size: min(number, 5) for number, size in enumerate(larger, start=1)}, body


def _named(lines: Sequence[Line], levels: dict[float, int], body: float) -> Iterator[Block]:
    for line in lines:
        level = levels.get(line.size)
        if level and len(line.text) <= _LONG_TITLE:
            yield Heading(level, line.text)
        elif line.bold and len(lines) == 1 and line.size >= body and _is_title(line.text):
            yield Heading(min(len(levels) + 1, 6), line.text)
        elif bullet := _BULLET.match(line.text):
            yield Item(line.text[bullet.end() :])
        elif _NUMBERED.match(line.text):
            yield Item(line.text)
        else:
            yield Paragraph(line.text)


def _is_title(text: str) -> bool:
    return len(text) <= _LONG_TITLE and text[-1:] not in ".,:;" and any(map(str.isalpha, text))


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Joins a line to the paragraph or item before it, and a heading to one of the same level."""
    last: Block | None = None
    for block in blocks:
        if last is None:
            last = block
        elif not isinstance(block, Table | Code) and _goes_on(last, block):
            last = replace(last, text=_continued(last.text, block.text))
        else:
            yield last
            last = block
    if last is not None:
        yield last


def _goes_on(last: Block, block: Block) -> TypeGuard[Heading | Paragraph | Item]:
    if isinstance(block, Heading):
        return isinstance(last, Heading) and block.level == last.level
    return isinstance(block, Paragraph) and isinstance(last, Paragraph | Item)


def _continued(text: str, more: str) -> str:
    """Rejoins a word that was hyphenated at the end of a line."""
    if len(text) > 1 and text[-1] == "-" and text[-2].isalpha() and more[:1].islower():
        return text[:-1] + more
    return f"{text} {more}"
