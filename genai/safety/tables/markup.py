"""Tables in HTML."""

import re

from genai.safety.tables.rows import (
    LONGEST_HEADER,
    LONGEST_ROW,
    Header,
    Row,
    Tables,
    header_cells,
)

_TAG = re.compile(r"<(?P<end>/?)(?P<name>table|tr|t[hd])\b[^<>]{0,200}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]{0,200}>")
_CELLS = re.compile(r"<(t[hd])\b[^<>]{0,200}>", re.IGNORECASE)
_NEXT_CELL = re.compile(r"(?<=</td>)\s*<td\b|(?<=</th>)\s*<t[hd]\b", re.IGNORECASE)


def tables_of_markup(text: str) -> Tables:
    """The rows after the first one of each table, if that is a header."""
    rows: list[Row] = []
    header: Header | None = None
    table = begun = -1
    for tag in _TAG.finditer(text) if "<t" in text or "<T" in text else ():
        name = tag["name"].lower()
        if name == "table":
            header, begun, table = None, -1, -1 if tag["end"] else tag.start()
        elif name == "tr":
            if begun >= 0 and table >= 0:
                end = tag.end() if tag["end"] else tag.start()
                header, table = _header(text, table, begun, end), -1
            elif begun >= 0 and header:
                rows.append(Row(begun, tag.start(), header, _NEXT_CELL))
                header = header if tag.start() - begun <= LONGEST_ROW else None
            begun = -1 if tag["end"] else tag.start()
    if header:
        rows.append(Row(begun if begun >= 0 else len(text), len(text), header, _NEXT_CELL))
    unfinished = table if 0 <= table >= len(text) - LONGEST_HEADER else len(text)
    return Tables(tuple(rows), unfinished)


def _header(text: str, table: int, start: int, end: int) -> Header | None:
    if end - table > LONGEST_HEADER:
        return None
    _, *parts = _CELLS.split(text[start:end])
    one_kind = len({kind.lower() for kind in parts[::2]}) == 1
    names = header_cells([_ANY_TAG.sub("", cell) for cell in parts[1::2]]) if one_kind else ()
    return Header(table, end, names) if names else None
