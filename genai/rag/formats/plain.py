"""Plain text: paragraphs between empty lines, and lists."""

import re

from genai.rag.formats.blocks import Block, Content, Paragraph
from genai.rag.formats.refusals import Unreadable

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_plain(data: bytes) -> Content:
    parts = re.split(r"\n[ \t]*\n", decoded(data))
    blocks: tuple[Block, ...] = tuple(Paragraph(part) for part in parts if part.strip())
    return Content(blocks)


def decoded(data: bytes) -> str:
    """Decodes UTF-8, UTF-16 with a byte order mark, or Windows-1252, and normalises newlines."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise Unreadable("broken")
    return text.replace("\r\n", "\n").replace("\r", "\n")
