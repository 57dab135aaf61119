"""Splits a document into passages along its structure.

A passage never crosses a heading. It holds whole blocks. A block that is too long is split between list
items, table rows or sentences, and the parts keep in ``lead`` what they cannot be understood without. A
single item, row or sentence that is too long is split as well; only code stays whole. Comments belong to
no passage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from genai.base.prompt import estimate_tokens
from genai.messages import Passage
from genai.rag.base import Document
from genai.rag.passages.cutting import cut
from genai.rag.passages.hints import Hints, read_hints
from genai.rag.passages.markdown import (
    Block,
    TextSpan,
    has_header,
    header,
    heading_title,
    items,
    parse_blocks,
    rows,
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the document that is never split. ``stays`` ties it to the next piece."""

    start: int
    end: int
    lead: str = ""
    stays: bool = False


def chunk(document: Document, *, max_tokens: int) -> tuple[Passage, ...]:
    """The passages of a document, in order; each is about ``max_tokens`` long at most."""
    passages: list[Passage] = []
    for section, blocks in _sections(document):
        hints = read_hints(document.text, blocks)
        for run in _runs(blocks):
            pieces = [
                piece
                for index, block in enumerate(run)
                for piece in _pieces(document.text, block, run[index + 1 :], max_tokens)
            ]
            passages += (
                _passage(document, section, hints, group)
                for group in _pack(document.text, pieces, max_tokens)
            )
    return tuple(passages)


def searchable(passage: Passage) -> str:
    """The text of a passage, after the words for its topic."""
    above = " > ".join(filter(None, (passage.title, passage.section)))
    return "\n".join(filter(None, (above, passage.lead, passage.text)))


def findable(passage: Passage) -> str:
    """The searched text of a passage: its own, and the questions that it answers."""
    return "\n".join((searchable(passage), *passage.asked))


def heading(passage: Passage) -> str:
    """The innermost heading above a passage."""
    return passage.section.rpartition(" > ")[2] or passage.title


def _sections(document: Document) -> Iterator[tuple[str, list[Block]]]:
    """The blocks under each heading, with the path of headings above them."""
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for block in parse_blocks(document.text):
        if block.kind != "heading":
            blocks.append(block)
            continue
        if blocks:
            yield _path(path, document.title), blocks
        title = heading_title(document.text[block.start : block.end])
        path = [*(above for above in path if above[0] < block.level), (block.level, title)]
        blocks = []
    if blocks:
        yield _path(path, document.title), blocks


def _runs(blocks: list[Block]) -> Iterator[list[Block]]:
    """The blocks between comments."""
    for is_comment, run in groupby(blocks, key=lambda block: block.kind == "comment"):
        if not is_comment:
            yield list(run)


def _path(path: list[tuple[int, str]], title: str) -> str:
    return " > ".join(name for _, name in path if name != title)


def _pieces(text: str, block: Block, after: list[Block], limit: int) -> list[_Piece]:
    """The block as a whole, or its parts when it is too long."""
    body = text[block.start : block.end]
    introduces = bool(after) and after[0].kind in ("list", "table") and body.endswith(":")
    if estimate_tokens(body) <= limit or block.kind == "code":
        return [_Piece(block.start, block.end, stays=introduces)]
    lead = _lead(text, block)
    spans = [part for span in _parts(text, block) for part in cut(text, span, limit)]
    pieces = [
        _Piece(span.start, span.end, lead if index else "") for index, span in enumerate(spans)
    ]
    if block.kind == "table" and pieces and has_header(text, block):
        pieces[0] = _Piece(block.start, pieces[0].end)
    return pieces


def _parts(text: str, block: Block) -> list[TextSpan]:
    if block.kind == "table":
        return rows(text, block)
    if block.kind == "list":
        return items(text, block)
    return [TextSpan(block.start, block.end)]


def _lead(text: str, block: Block) -> str:
    """Context that every part of the block needs: a table's header, the line that introduces a list."""
    before = text[: block.start].rstrip()
    line = before[before.rfind("\n") + 1 :].strip()
    introduction = line if line.endswith(":") and block.kind != "paragraph" else ""
    columns = header(text, block) if block.kind == "table" else ""
    return "\n".join(filter(None, (introduction, columns)))


def _pack(text: str, pieces: list[_Piece], limit: int) -> Iterator[list[_Piece]]:
    """Groups consecutive pieces up to the limit."""
    group: list[_Piece] = []
    for piece in pieces:
        if group and not _fits(text, group[0].start, piece.end, limit, group[-1].stays):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _fits(text: str, start: int, end: int, limit: int, tied: bool) -> bool:
    """A piece that is tied to the previous one may exceed the limit by half."""
    return estimate_tokens(text[start:end]) <= limit * (1.5 if tied else 1.0)


def _passage(document: Document, section: str, hints: Hints, group: list[_Piece]) -> Passage:
    start, end = group[0].start, group[-1].end
    return Passage(
        document_id=document.id,
        title=document.title,
        text=document.text[start:end],
        section=section,
        lead=group[0].lead,
        asked=hints.asked,
        unanswered=hints.unanswered,
        start=start,
        end=end,
    )
