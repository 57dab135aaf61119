"""The supported document formats, and their readers."""

from collections.abc import Callable
from pathlib import PurePath

from genai.rag.formats.blocks import Content

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MARKDOWN = "text/markdown"

EXTENSIONS = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": "text/plain",
    ".text": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".pdf": "application/pdf",
    ".docx": DOCX,
}
MEDIA_TYPES = tuple(dict.fromkeys(EXTENSIONS.values()))

_ALIASES = {
    "application/xhtml+xml": "text/html",
    "application/csv": "text/csv",
    "text/tab-separated-values": "text/csv",
    "text/x-markdown": MARKDOWN,
    "application/x-pdf": "application/pdf",
}


def media_type_of(declared: str, filename: str) -> str | None:
    """The declared format, or else the one of the file name; `None` if unknown."""
    plain = declared.partition(";")[0].strip().lower()
    by_name = EXTENSIONS.get(PurePath(filename).suffix.lower())
    if plain == "text/plain" and by_name:  # what many programs say of every text
        return by_name
    known = _ALIASES.get(plain, plain)
    return known if known in MEDIA_TYPES else by_name


def reader_of(media_type: str) -> Callable[[bytes], Content]:
    """Imports the reader of the format on demand, because some are heavy."""
    match media_type:
        case "text/html":
            from genai.rag.formats.html import read_html

            return read_html
        case "application/pdf":
            from genai.rag.formats.pdf import read_pdf

            return read_pdf
        case "text/csv":
            from genai.rag.formats.delimited import read_delimited

            return read_delimited
        case "text/plain":
            from genai.rag.formats.plain import read_plain

            return read_plain
        case _ if media_type == DOCX:
            from genai.rag.formats.docx import read_docx

            return read_docx
        case _:
            raise ValueError(f"no reader for {media_type}")
