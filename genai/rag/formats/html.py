"""HTML, as far as a reader of the page sees it. The home of bs4.

Scripts, comments, navigation and hidden text are left out: a model must not read what no person sees.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector
from bs4.element import NavigableString, PageElement, PreformattedString
from soupsieve import SelectorSyntaxError

from genai.rag.formats.blocks import Block, Code, Content, Heading, Item, Paragraph, Table, one_line
from genai.rag.formats.plain import decoded
from genai.rag.formats.styles import hides, is_white, paints, selectors

_UNSEEN_TAGS = frozenset(
    """
    script style title template noscript iframe object embed audio video canvas svg math nav head
    datalist textarea select button input
    """.split()  # noqa: SIM905  (one word a line helps nobody)
)
_BLOCKS = frozenset(
    """
    address article aside blockquote body center details dd div dl dt fieldset figcaption figure
    footer form header hr html legend main ol p section summary ul
    """.split()  # noqa: SIM905
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MAX_SPAN = 100


def read_html(data: bytes | str) -> Content:
    soup = BeautifulSoup(data if isinstance(data, str) else _decoded(data), "lxml")
    title = one_line(soup.title.get_text()) if soup.title else ""
    _remove_hidden(soup)
    return Content(tuple(_Reader().read(soup)), title)


def _decoded(data: bytes) -> str:
    """Decodes with the declared encoding if possible."""
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    try:
        return data.decode(declared or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return decoded(data)


def _remove_hidden(soup: BeautifulSoup) -> None:
    sheets = "\n".join(style.get_text() for style in soup.find_all("style"))
    hidden = [*_selected(soup, sheets, hides), *soup.find_all(_is_hidden)]
    white = [*_selected(soup, sheets, is_white), *soup.find_all(_declares(is_white))]
    if white:
        painted = {id(tag) for tag in _selected(soup, sheets, paints)}
        painted |= {id(tag) for tag in soup.find_all(_declares(paints))}
        painted |= {id(tag) for tag in soup.find_all(bgcolor=True)}
        hidden += [tag for tag in white if painted.isdisjoint(map(id, (tag, *tag.parents)))]
    for tag in hidden:
        if not tag.decomposed:
            tag.decompose()


def _selected(soup: BeautifulSoup, sheets: str, test: Callable[[str], bool]) -> list[Tag]:
    """The elements that match the rules that pass the test."""
    found: list[Tag] = []
    for selector in selectors(sheets, test):
        with suppress(SelectorSyntaxError, NotImplementedError):
            found += soup.select(selector)
    return found


def _declares(test: Callable[[str], bool]) -> Callable[[Tag], bool]:
    return lambda tag: test(str(tag.get("style", "")))


def _is_hidden(tag: Tag) -> bool:
    if tag.name in _UNSEEN_TAGS or tag.has_attr("hidden"):
        return True
    if tag.name == "dialog" and not tag.has_attr("open"):
        return True
    return hides(str(tag.get("style", "")))


class _Reader:
    """Walks the tree once. Text collects in a line until a new block begins."""

    def __init__(self) -> None:
        self._line: list[str] = []
        self._blocks: list[Block] = []
        self._depth = -1

    def read(self, soup: BeautifulSoup) -> list[Block]:
        self._walk(soup)
        self._end_line()
        return self._blocks

    def _walk(self, parent: Tag) -> None:
        for child in parent.children:
            self._take(child)

    def _take(self, node: PageElement) -> None:
        if isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):  # comments, declarations
                self._line.append(re.sub(r"\s+", " ", node))
        elif isinstance(node, Tag):
            self._take_tag(node)

    def _take_tag(self, tag: Tag) -> None:
        if tag.name == "br":
            self._line.append("\n")
        elif tag.name in _HEADINGS:
            self._add(Heading(_HEADINGS[tag.name], tag.get_text(" ")))
        elif tag.name == "pre":
            self._add(Code(tag.get_text()))
        elif tag.name == "table":
            self._take_table(tag)
        elif tag.name == "li":
            self._take_item(tag)
        elif tag.name in _BLOCKS:
            self._take_block(tag)
        else:
            self._walk(tag)

    def _take_block(self, tag: Tag) -> None:
        self._end_line()
        is_list = tag.name in ("ul", "ol")
        self._depth += is_list
        self._walk(tag)
        self._end_line()
        self._depth -= is_list

    def _take_item(self, tag: Tag) -> None:
        self._end_line()
        before, depth = len(self._blocks), max(0, self._depth)
        self._walk(tag)
        self._end_line()
        for index in range(before, len(self._blocks)):
            block = self._blocks[index]
            if isinstance(block, Paragraph):
                self._blocks[index] = Item(block.text, depth)

    def _take_table(self, table: Tag) -> None:
        """A table that contains another one is treated as page layout."""
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        if table.find("table") or not any(len(_cells(row)) > 1 for row in rows):
            self._end_line()
            for row in rows:
                for cell in _cells(row):
                    self._walk(cell)
                    self._end_line()
            return
        if table.caption:
            self._add(Paragraph(table.caption.get_text(" ")))
        self._add(Table(_grid(rows)))

    def _add(self, block: Block) -> None:
        self._end_line()
        self._blocks.append(block)

    def _end_line(self) -> None:
        text = "".join(self._line)
        self._line.clear()
        if text.strip():
            self._blocks.append(Paragraph(text))


def _cells(row: Tag) -> list[Tag]:
    return [cell for cell in row.find_all(["td", "th"]) if cell.find_parent("tr") is row]


def _grid(rows: list[Tag]) -> tuple[tuple[str, ...], ...]:
    """The cells by row and column. A cell that spans rows is repeated in each."""
    grid: list[tuple[str, ...]] = []
    below: dict[int, tuple[int, str]] = {}
    for row in rows:
        line, below = _grid_row(row, below)
        grid.append(line)
    return tuple(grid)


def _grid_row(
    row: Tag, above: dict[int, tuple[int, str]]
) -> tuple[tuple[str, ...], dict[int, tuple[int, str]]]:
    line: list[str] = []
    below: dict[int, tuple[int, str]] = {}

    def fill() -> None:
        while len(line) in above:
            left, text = above[len(line)]
            if left > 1:
                below[len(line)] = (left - 1, text)
            line.append(text)

    for cell in _cells(row):
        fill()
        text = cell.get_text(" ")
        for column in _columns(cell):
            if (left := _span(cell, "rowspan")) > 1:
                below[len(line)] = (left - 1, text)
            line.append("" if column else text)
    fill()
    return tuple(line), below


def _columns(cell: Tag) -> Iterator[int]:
    return iter(range(_span(cell, "colspan")))


def _span(cell: Tag, name: str) -> int:
    given = str(cell.get(name, "1")).strip()
    return min(max(int(given), 1), _MAX_SPAN) if given.isdecimal() and len(given) < 6 else 1
