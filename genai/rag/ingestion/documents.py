"""Loads Markdown documents from a folder."""

from pathlib import Path

from genai.errors import Misconfigured
from genai.rag.base import Document


def read_documents(folder: Path) -> tuple[Document, ...]:
    """All ``*.md`` files under the folder, by name. Raises `Misconfigured` if two share an id."""
    documents: dict[str, Document] = {}
    for path in sorted(folder.rglob("*.md")):
        document = parse_document(path.read_text(encoding="utf-8"), name=path.stem)
        if document.id in documents:
            raise Misconfigured(f"two documents have the id {document.id}")
        documents[document.id] = document
    return tuple(documents.values())


def parse_document(markdown: str, *, name: str) -> Document:
    """A document from Markdown. Front matter may give ``id``, ``title`` and ``source``.

    Without it, ``name`` is the id, and the first heading is the title. The front matter is not part
    of the text.
    """
    fields, text = split_front_matter(markdown.removeprefix("\ufeff").replace("\r\n", "\n"))
    return Document(
        id=fields.get("id") or name,
        title=fields.get("title") or first_heading(text) or name,
        text=text,
        source=fields.get("source", f"{name}.md"),
    )


def split_front_matter(markdown: str) -> tuple[dict[str, str], str]:
    """The ``key: value`` lines between two ``---`` at the top, and the text after them."""
    head, mark, rest = markdown.partition("---\n")
    block, end, body = rest.partition("\n---\n")
    if head.strip() or not mark or not end:
        return {}, markdown
    pairs = (line.partition(":") for line in block.splitlines())
    fields = {key.strip().lower(): value.strip().strip("\"'") for key, mark, value in pairs if mark}
    return fields, body.lstrip("\n")


def first_heading(text: str) -> str:
    """The first heading of a Markdown text, or nothing."""
    lines = (line for line in text.splitlines() if line.startswith("# "))
    return next(lines, "").removeprefix("# ").strip()
