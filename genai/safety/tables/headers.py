"""Finds the header of a table cell, however far above it stands.

name;phone;amount
Ann;022 732 1234;99,50        the header of the number is "phone", although "amount" is nearer
"""

from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from genai.safety.tables.lines import may_become_head, tables_of_lines
from genai.safety.tables.lists import tables_of_lists
from genai.safety.tables.markup import tables_of_markup
from genai.safety.tables.rows import LONGEST_HEADER, LONGEST_ROW, Row, Tables


class Cell(NamedTuple):
    """Where the row of a cell begins, and the header of the cell, verbatim and not empty."""

    row: int
    header: str


def cell_at(text: str, position: int) -> Cell | None:
    """The cell in which the value that begins here is; None outside of tables with a header.

    Depends only on the text before.
    """
    for tables in _tables(text):
        row = _row_at(tables.rows, position)
        if row and position <= row.end and (header := row.header_of(text, position)):
            return Cell(row.start, header)
    return None


def context_spans(text: str, length: int) -> tuple[tuple[int, int], ...]:
    """The spans of the last characters, and of the header of the table that goes on at the end of the text.

    The rows between are left out. A header or row that begins earlier is kept from its beginning.
    """
    floor = _no_false_head(text, max(0, len(text) - length))
    found = _tables(text)
    floor = min([floor, *(tables.unfinished for tables in found)])
    for tables in found:
        last = tables.rows[-1] if tables.rows else None
        if last is None or last.end < len(text) or len(text) - last.start > LONGEST_ROW:
            continue
        header = last.header
        if floor > header.end:
            row = _row_at(tables.rows, floor)
            begins = row.start if row and row.header == header else header.end
            return (header.start, header.end), (begins, len(text))
        floor = min(floor, header.start)
    return ((floor, len(text)),)


def _no_false_head(text: str, floor: int) -> int:
    """This position, or an earlier one if the rest of its line could be taken for a header."""
    line = text.rfind("\n", 0, floor) + 1
    rest = text[floor:].partition("\n")[0]
    if line == floor or not may_become_head(rest):
        return floor
    return max(line, floor - LONGEST_HEADER - 1)


def _row_at(rows: tuple[Row, ...], position: int) -> Row | None:
    index = bisect_right(rows, position, key=lambda row: row.start)
    return rows[index - 1] if index else None


@lru_cache(maxsize=4)
def _tables(text: str) -> tuple[Tables, ...]:
    """The tables of each kind, of which the first has precedence."""
    found = (tables_of_markup(text), tables_of_lists(text), tables_of_lines(text))
    return tuple(each for each in found if each.rows or each.unfinished < len(text))
