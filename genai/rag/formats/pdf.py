"""PDF: text in reading order, headings by font size, tables by lines or columns.

The home of pdfminer. Invisible letters are left out: drawn invisibly, white on white, too small to read,
or outside the page. The exception is a scanned page: there, the invisible text behind the picture is read.
"""

import io
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import (
    LAParams,
    LTChar,
    LTComponent,
    LTContainer,
    LTCurve,
    LTImage,
    LTPage,
    LTTextBox,
    LTTextLine,
)
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdffont import PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.psexceptions import PSException

from genai.rag.formats.blocks import Content, Table, one_line
from genai.rag.formats.glyphs import Box, Glyph
from genai.rag.formats.paragraphs import Group, Line, assembled
from genai.rag.formats.refusals import Unreadable
from genai.rag.formats.tables import Edge, PlacedTable, find_tables

_INVISIBLE = (3, 7)
"""Text rendering modes that draw nothing."""

_SMALLEST = 2.0
"""In points."""

_THIN = 2.0
"""In points; a thinner rectangle is a line."""


def read_pdf(data: bytes) -> Content:
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("broken")
    try:
        pages = [_groups(page, hidden) for page, hidden in _pages(data)]
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise Unreadable("encrypted") from error
    except (PDFException, PSException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unreadable("broken") from error  # pdfminer trusts what a damaged file says
    return Content(tuple(assembled(pages)))


class _Device(PDFPageAggregator):
    """Collects what a page draws, and separately its invisible letters."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources, laparams=None)
        self.hidden: list[LTChar] = []
        self._mode = 0

    def begin_page(self, page: PDFPage, ctm: Any) -> None:
        self.hidden = []
        super().begin_page(page, ctm)

    def render_string(self, textstate: Any, seq: Any, ncs: Any, graphicstate: Any) -> None:
        self._mode = textstate.render
        super().render_string(textstate, seq, ncs, graphicstate)

    def render_char(self, matrix: Any, font: Any, fontsize: float, *how: Any) -> float:
        scaling, rise, cid, ncs, graphicstate = how
        try:
            text = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            text = ""
        width, shift = font.char_width(cid), font.char_disp(cid)
        char = LTChar(
            matrix, font, fontsize, scaling, rise, text, width, shift, ncs, graphicstate.copy()
        )
        if self._mode in _INVISIBLE:
            self.hidden.append(char)
        elif text:
            self.cur_item.add(char)
        return float(char.adv)


def _pages(data: bytes) -> Iterator[tuple[LTPage, list[LTChar]]]:
    document = PDFDocument(PDFParser(io.BytesIO(data)))
    resources = PDFResourceManager()
    device = _Device(resources)
    interpreter = PDFPageInterpreter(resources, device)
    for page in PDFPage.create_pages(document):
        interpreter.process_page(page)
        yield device.get_result(), device.hidden


def _groups(page: LTPage, hidden: list[LTChar]) -> list[Group]:
    """Groups of adjacent lines, and the tables between them."""
    parts = list(_flat(page))
    chars = _shown(page, parts)
    if not chars and any(isinstance(part, LTImage) for part in parts):
        chars = hidden
    glyphs = [Glyph(char.get_text(), _box(char), char.size, key) for key, char in enumerate(chars)]
    edges = [edge for part in parts if isinstance(part, LTCurve) for edge in _edges(part)]
    tables = find_tables(edges, glyphs)
    taken = frozenset[int]().union(*(table.keys for table in tables))
    rest = [char for key, char in enumerate(chars) if key not in taken]
    return _in_order(page, _boxes(page, rest), tables)


def _flat(container: LTContainer[Any]) -> Iterator[LTComponent]:
    waiting: list[Any] = [iter(container)]
    while waiting:
        for item in waiting[-1]:
            if isinstance(item, LTContainer):
                waiting.append(iter(item))
                break
            yield item
        else:
            waiting.pop()


def _shown(page: LTPage, parts: Sequence[LTComponent]) -> list[LTChar]:
    """The visible letters: not too small, on the page, not white on white."""
    painted = [_box(part) for part in parts if _paints(part)]
    frame = Box(page.x0, page.y0, page.x1, page.y1)
    return [
        part
        for part in parts
        if isinstance(part, LTChar)
        and part.size >= _SMALLEST
        and frame.holds(*_center(part))
        and (not _is_white(part.graphicstate.ncolor, part.ncs.name) or _on(painted, part))
    ]


def _on(painted: Sequence[Box], part: LTComponent) -> bool:
    x, y = _center(part)
    return any(box.holds(x, y) for box in painted)


def _paints(part: LTComponent) -> bool:
    if isinstance(part, LTImage):
        return True
    return isinstance(part, LTCurve) and part.fill and not _is_white(part.non_stroking_color)


def _is_white(color: Any, space: str = "") -> bool:
    values = color if isinstance(color, tuple | list) else (color,)
    if space in ("Separation", "DeviceN", "Indexed", "Pattern"):
        return False
    if not all(isinstance(value, int | float) for value in values):
        return False
    ink = len(values) == 4
    return all(value <= 0.05 if ink else value >= 0.95 for value in values)


def _edges(shape: LTCurve) -> Iterator[Edge]:
    """The lines of a shape: itself if it is thin, else its sides."""
    x0, y0, x1, y1 = shape.x0, shape.y0, shape.x1, shape.y1
    flat, upright = y1 - y0 <= _THIN, x1 - x0 <= _THIN
    if flat and upright:
        return
    if not upright:
        yield from (Edge(True, y, x0, x1) for y in ({(y0 + y1) / 2} if flat else {y0, y1}))
    if not flat:
        yield from (Edge(False, x, y0, y1) for x in ({(x0 + x1) / 2} if upright else {x0, x1}))


def _boxes(page: LTPage, chars: Sequence[LTChar]) -> list[LTTextBox]:
    """The text boxes of pdfminer, in reading order."""
    container = LTPage(page.pageid, page.bbox, page.rotate)
    container.extend(chars)
    container.analyze(LAParams())
    return [box for box in container if isinstance(box, LTTextBox)]


def _in_order(
    page: LTPage, boxes: Sequence[LTTextBox], tables: Sequence[PlacedTable]
) -> list[Group]:
    """Inserts each table before the first text below its top."""
    waiting = sorted(tables, key=lambda table: -table.top)
    groups: list[Group] = []
    for box in boxes:
        while waiting and box.y1 < waiting[0].top:
            groups.append(Table(waiting.pop(0).rows))
        groups.append([line for part in box if (line := _line(part, page))])
    return [*groups, *(Table(table.rows) for table in waiting)]


def _line(part: LTTextLine, page: LTPage) -> Line | None:
    chars = [char for char in part if isinstance(char, LTChar)]
    text = one_line(part.get_text())
    if not chars or not text:
        return None
    size = round(2 * median(char.size for char in chars)) / 2
    bold = sum("bold" in char.fontname.lower() for char in chars) > len(chars) / 2
    return Line(text, size, bold, (part.y0 - page.y0) / max(page.height, 1.0))


def _box(part: LTComponent) -> Box:
    return Box(part.x0, part.y0, part.x1, part.y1)


def _center(part: LTComponent) -> tuple[float, float]:
    return (part.x0 + part.x1) / 2, (part.y0 + part.y1) / 2
