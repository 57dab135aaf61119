"""Tables whose rows are lines: with separators, as in CSV and Markdown, or with aligned columns."""

import re

from genai.safety.tables.rows import (
    LONGEST_HEADER,
    LONGEST_ROW,
    Header,
    Row,
    Tables,
    cells_of,
    header_cells,
    may_become_header,
    unquoted,
)

_SEPARATORS = {sign: re.compile(re.escape(sign)) for sign in (";", "|", "\t", ",")}
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z|\Z")
_RULE = re.compile(r"[\s|+:=-]{3,}\Z")
"""A line between the header and the rows."""
_WORDS = re.compile(r"\S+(?: \S+)*")
_Columns = tuple[tuple[int, int], ...]


def tables_of_lines(text: str) -> Tables:
    """Rows are the lines after a header, up to and including the first that does not look like a row.

    So whether a line is a row does not depend on the text after it. A row with more names than the header
    has is a header itself; the last one was a sentence with commas.
    """
    rows: list[Row] = []
    header: Header | None = None
    sign: str = ""
    columns: _Columns = ()
    for line in _LINE.finditer(text):
        written, whole = line[0].rstrip("\r\n"), line[0].endswith("\n")
        if header and whole and _RULE.match(written) and written.strip():
            continue
        if header and (written.strip() or not whole):
            separator = _SEPARATORS[sign] if sign else None
            end = line.start() + len(written)
            rows.append(Row(line.start(), end, header, separator, columns))
            fuller = len(_begun(written)[1]) > len(header.cells)
            if not whole or (_continues(written, sign, header) and not fuller):
                continue
        header = None
        if whole and len(written) <= LONGEST_HEADER:
            sign, cells, columns = _begun(written)
            header = Header(line.start(), line.end(), cells) if cells else None
    return Tables(tuple(rows), _unfinished_from(text))


def _begun(line: str) -> tuple[str, tuple[str, ...], _Columns]:
    """The separator, the names and the positions of the columns; no names if the line is no header."""
    sign = next((sign for sign in _SEPARATORS if sign in line), "")
    if sign:
        cells = cells_of(line, sign)
        edges = sign == "|" and not cells[0].strip()
        names = header_cells(cells[1 : -1 if not cells[-1].strip() else None] if edges else cells)
        return sign, (("", *names) if edges and names else names), ()
    if "  " not in line.strip():
        return "", (), ()
    words = list(_WORDS.finditer(line))
    return "", header_cells([word[0] for word in words]), tuple(word.span() for word in words)


def _continues(line: str, sign: str, header: Header) -> bool:
    """Whether a complete line is a row of the table."""
    if len(line) > LONGEST_ROW:
        return False
    if not sign:
        return "  " in line.strip()
    found = unquoted(line).count(sign)
    return found >= (len(header.cells) - 1 if sign == "," else 1)


def _unfinished_from(text: str) -> int:
    start = text.rfind("\n", max(0, len(text) - LONGEST_HEADER - 1)) + 1
    return start if may_become_head(text[start:]) else len(text)


def may_become_head(line: str) -> bool:
    """Whether this line, which may go on, can be a header."""
    sign = next((sign for sign in _SEPARATORS if sign in line), "")
    if len(line) > LONGEST_HEADER or not (sign or "  " in line):
        return False
    cells = cells_of(line, sign) if sign else [word[0] for word in _WORDS.finditer(line)]
    if sign == "|" and not cells[0].strip():
        cells = cells[1:]
    return bool(cells) and may_become_header(cells)
