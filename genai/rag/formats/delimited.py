"""Comma-separated values: one table."""

import csv
import io

from genai.rag.formats.blocks import Block, Content, Table
from genai.rag.formats.plain import decoded
from genai.rag.formats.refusals import Unreadable

_SAMPLE = 16_384
_DELIMITERS = ",;\t|"
_MAX_FIELD = 1_000_000


def read_delimited(data: bytes) -> Content:
    """Takes the first row as the header."""
    text = decoded(data)
    csv.field_size_limit(_MAX_FIELD)
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text), _dialect(text)))
    except csv.Error:
        raise Unreadable("broken") from None
    blocks: tuple[Block, ...] = (Table(rows),) if rows else ()
    return Content(blocks)


def _dialect(text: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(text[:_SAMPLE], _DELIMITERS)
    except csv.Error:
        return csv.excel
