"""Tables whose rows are lists in brackets.

INSERT INTO clients (name, ssn) VALUES ('Ann', '...')
{"columns": ["name", "ssn"], "rows": [["Ann", "..."]]}
"""

import re
from collections.abc import Iterator

from genai.safety.tables.rows import (
    LONGEST_HEADER,
    LONGEST_ROW,
    QUOTED,
    Header,
    Row,
    Tables,
    cells_of,
    header_cells,
    may_become_header,
)

_TOKEN = re.compile(rf"{QUOTED}|[()\[\]]")
_COMMA = re.compile(",")
_BEFORE_FIRST = re.compile(
    r"\s{0,9},?\s{0,9}(?:[\"']?\w{1,20}[\"']?\s?[:=]\s?)?\[?\s{0,9}|\s{1,9}VALUES\s{0,9}",
    re.IGNORECASE,
)
"""The text between the header and the first row."""
_BETWEEN = re.compile(r"\s{0,9}[,;]?\s{0,9}")
_LONGEST_GAP = 60


def tables_of_lists(text: str) -> Tables:
    rows: list[Row] = []
    header: Header | None = None
    named: Header | None = None
    closed, unfinished = -1, len(text)
    for start, end in _lists(text):
        gap = text[closed + 1 : start]
        if named and _BEFORE_FIRST.fullmatch(gap):
            header = Header(named.start, start, named.cells)
        elif not (header and _BETWEEN.fullmatch(gap)):
            header = None
        named = None
        if header:
            rows.append(Row(start, end, header, _COMMA))
            header = header if end - start <= LONGEST_ROW else None
        elif end - start <= LONGEST_HEADER:
            cells = cells_of(text[start + 1 : end], ",")
            names = header_cells(cells) if end < len(text) else ()
            named = Header(start, end, names) if names else None
            unfinished = start if end == len(text) and may_become_header(cells) else unfinished
        closed = end
    rest = text[closed + 1 :]
    if header and closed < len(text) and len(rest) <= _LONGEST_GAP:
        rows.append(Row(len(text), len(text), header, _COMMA))
    if named and len(rest) <= _LONGEST_GAP:
        unfinished = named.start
    return Tables(tuple(rows), unfinished)


def _lists(text: str) -> Iterator[tuple[int, int]]:
    """The innermost brackets: the position of both; the last may still be open."""
    opened = -1
    for token in _TOKEN.finditer(text) if "(" in text or "[" in text else ():
        if token[0] in ("(", "["):
            opened = token.start()
        elif token[0] in (")", "]") and opened >= 0:
            yield opened, token.start()
            opened = -1
    if opened >= 0:
        yield opened, len(text)
