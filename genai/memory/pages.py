"""Reads long Redis streams in pages, so that no single command takes long."""

from collections.abc import AsyncIterator
from typing import Any

from genai.memory.store import Command, Store

PAGE = 1000

Entry = tuple[str, list[bytes]]
"""The id, and field names and values alternately."""


async def entries(store: Store, stream: str) -> AsyncIterator[Entry]:
    """Oldest first. Raises `BackendFailed`."""
    after = "-"
    while True:
        words = ("XRANGE", stream, after, "+", "COUNT", PAGE)
        page = await store.run(Command(words, _page))
        for entry in page:
            yield entry
        if len(page) < PAGE:
            return
        after = f"({page[-1][0]}"


def texts(fields: list[bytes]) -> dict[str, str]:
    """The fields of an entry as a mapping."""
    decoded = [field.decode(errors="replace") for field in fields]
    return dict(zip(decoded[::2], decoded[1::2], strict=True))


def _page(reply: list[Any]) -> list[Entry]:
    return [(entry_id.decode(), fields) for entry_id, fields in reply]
