"""Rows of tables in a text, and the headers of their cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_HEADER = 400
LONGEST_ROW = 600
"""Maximum length; a longer header names nothing, and a longer row ends the table."""

_WORD = r"[^\s\"|<>{}=:;,]{1,40}"
_NAME = re.compile(rf"(?![#№]?\d){_WORD}(?:[ _]{_WORD}){{0,4}}\Z")
"""A name of at most five words. Those of prose between commas are usually more."""
_LONGEST_NAME = 60
_SENTENCE = re.compile(r"\w+(?: \w+){3,}:\s*\Z")
_EDGES = " \t\r\n\"'`*:"
_NUMBER = re.compile(r"\d{3}")
_SHORTEST_VALUE = 9
"""A right-aligned value begins at most so many characters before its header."""
_SIGNS = re.compile(r"[,;|\t()\[\]]")

QUOTED = (
    r"(?<![^\s,;|(\[{:=])(?P<quote>[\"'])(?:(?!(?P=quote))[^\n]){0,200}"
    r"(?:(?P=quote)(?=\s?(?:[,;|)\]}:]|\Z))|\Z)"
)
"""A value in quotes, which may not be closed yet. An apostrophe in a word is none."""
_QUOTED = re.compile(QUOTED)


@dataclass(frozen=True, slots=True)
class Header:
    """The span of a header row, up to where the rows begin, and its cells."""

    start: int
    end: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row. The ``separator`` begins each cell but the first; without one, ``columns`` has the span of each
    header in its line.
    """

    start: int
    end: int
    header: Header
    separator: re.Pattern[str] | None
    columns: tuple[tuple[int, int], ...] = ()

    def header_of(self, text: str, position: int) -> str:
        """The header of the cell that contains this position; empty if it has none."""
        if position - self.start > LONGEST_ROW:
            return ""
        if self.separator is None:
            column = _aligned(self.columns, position - self.start)
        else:
            column = len(self.separator.findall(unquoted(text[self.start : position])))
        return self.header.cells[column] if 0 <= column < len(self.header.cells) else ""


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of all tables of one kind in a text.

    A table that goes on at the end of the text ends with a row that ends there, even if it is empty yet.
    ``unfinished`` is where a header that may still go on begins; the length of the text if there is none.
    """

    rows: tuple[Row, ...]
    unfinished: int


def _aligned(columns: Sequence[tuple[int, int]], offset: int) -> int:
    """The column of the value that begins at this offset of its line."""
    after = next((i for i, (start, _) in enumerate(columns) if start > offset), len(columns))
    inside = after > 0 and offset < columns[after - 1][1] + 2
    reaches = after < len(columns) and columns[after][0] - offset < _SHORTEST_VALUE
    return after if reaches and not inside else after - 1


def unquoted(text: str) -> str:
    """The text with the separators in its quotes blanked out; it keeps its length."""
    if '"' not in text and "'" not in text:
        return text
    return _QUOTED.sub(lambda quoted: _SIGNS.sub(" ", quoted[0]), text)


def cells_of(line: str, sign: str) -> list[str]:
    """The cells of a row, verbatim."""
    ends = [*_positions(unquoted(line), sign), len(line)]
    starts = [0, *(end + 1 for end in ends)]
    return [line[start:end] for start, end in zip(starts, ends, strict=False)]


def _positions(line: str, sign: str) -> list[int]:
    return [at for at, character in enumerate(line) if character == sign]


def header_cells(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, verbatim; empty if these cells are no header."""
    if not cells or _SENTENCE.search(cells[-1]):
        return ()
    names = tuple(cell.strip(_EDGES) for cell in cells)
    return names if len(names) > 1 and all(map(_is_name, names)) else ()


def may_become_header(cells: Sequence[str]) -> bool:
    """Whether these cells, of which the last may go on, can be those of a header."""
    *complete, last = (cell.strip(_EDGES) for cell in cells)
    return all(map(_is_name, complete)) and (not last or _is_name(last.rstrip("_")))


def _is_name(cell: str) -> bool:
    return len(cell) <= _LONGEST_NAME and bool(_NAME.match(cell)) and not _NUMBER.search(cell)
