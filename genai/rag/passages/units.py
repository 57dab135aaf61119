"""The smallest parts of a passage that can answer a question: sentences, list items, table rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from genai.messages import Passage
from genai.rag.passages.chunking import heading
from genai.rag.passages.markdown import (
    Block,
    TextSpan,
    cells,
    header,
    items,
    parse_blocks,
    plain,
    rows,
    sentences,
)

_LONG_ITEM = 300
"""In characters; a longer list item is quoted by sentence."""

SAYS_NO = re.compile(
    r"\b(?:not|never|no|cannot|can't|don't|doesn't|nobody|nothing|except\w*|refus\w+|prohibited)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """``quote`` occurs verbatim in the document, ``text`` is its readable form.

    ``context`` is what ``text`` needs to be understood: its section, the line above its list.
    ``opening`` is what would change its meaning if left out: the line above the list, or a negative
    heading.
    """

    quote: str
    text: str
    context: str = ""
    opening: str = ""

    @property
    def embedded(self) -> str:
        """The text to embed for this unit."""
        return f"{self.context}: {self.text}" if self.context else self.text


def split_units(passage: Passage) -> tuple[Unit, ...]:
    """The units of a passage, in order."""
    return _split(
        passage.text, passage.lead, heading(passage), passage.section.rpartition(" > ")[2]
    )


@lru_cache(maxsize=4096)
def _split(text: str, lead: str, about: str, section: str) -> tuple[Unit, ...]:
    found: list[Unit] = []
    introduction = plain(lead.partition("\n")[0])
    for block in parse_blocks(text):
        if block.kind == "list":
            opening = introduction or (section if SAYS_NO.search(section) else "")
            context = f"{about}: {introduction.rstrip(':')}" if introduction else about
            found += _items(text, block, context, opening.rstrip(": "))
        else:
            found += _units(text, block, lead, about)
        last = text[block.start : block.end].rpartition("\n")[2].strip()
        introduction = plain(last) if last.endswith(":") else ""
    return tuple(unit for unit in found if unit.text)


def _units(text: str, block: Block, lead: str, about: str) -> Iterator[Unit]:
    if block.kind == "table":
        columns = _columns(header(text, block) or lead)
        for row in rows(text, block):
            quote = text[row.start : row.end]
            yield Unit(quote, _read_row(columns, cells(quote)), about)
    elif block.kind not in ("heading", "comment"):
        for span in sentences(text, TextSpan(block.start, block.end)):
            quote = text[span.start : span.end]
            yield Unit(quote, plain(quote), about)


def _items(text: str, block: Block, context: str, opening: str) -> Iterator[Unit]:
    for item in items(text, block):
        spans = sentences(text, item) if item.end - item.start > _LONG_ITEM else [item]
        for span in spans:
            quote = text[span.start : span.end]
            yield Unit(quote, plain(quote), context, opening)


def _columns(head: str) -> list[str]:
    lines = [line for line in head.splitlines() if line.lstrip().startswith("|")]
    return cells(lines[0]) if lines else []


def _read_row(columns: list[str], values: list[str]) -> str:
    """``Card: Gold; Annual fee: 95 dollars``."""
    if len(columns) != len(values):
        return "; ".join(filter(None, values))
    named = (
        f"{name}: {value}" if name else value
        for name, value in zip(columns, values, strict=True)
        if value
    )
    return "; ".join(named)
