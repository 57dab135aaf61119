"""Recognises answers that decline, and holds back their text in a stream."""

from collections.abc import AsyncIterator
from typing import Final

from genai.events import DraftEvent, DraftStreamEvent, RestartEvent, TokenEvent
from genai.messages import Draft
from genai.rag.answering.citations import HEDGES, declines, hedges
from genai.streams import closing

NEITHER: Final = "The documents that I can read do not answer it either."

_KNOWN_AFTER: Final = len(HEDGES)
"""The number of characters after which a declining answer can be recognised."""


def unanswered(draft: Draft) -> bool:
    return not draft.citations and declines(draft.text.lstrip())


async def until_said(events: AsyncIterator[DraftStreamEvent]) -> AsyncIterator[DraftStreamEvent]:
    """Filters the text of an answer that only declines out of the events; its draft keeps it."""
    held: list[DraftStreamEvent] = []
    said, speaks = "", False
    async with closing(events) as heard:
        async for event in heard:
            match event:
                case TokenEvent():
                    said += event.text
                    speaks = speaks or _says_something(said.lstrip())
                case RestartEvent():
                    said = ""
                    held.clear()
                case DraftEvent():
                    speaks = not unanswered(event.draft)
                case _:
                    pass
            if isinstance(event, TokenEvent) and not speaks:
                held.append(event)
                continue
            if speaks:
                for waiting in held:
                    yield waiting
                held.clear()
            yield event


def _says_something(text: str) -> bool:
    return len(text) >= _KNOWN_AFTER and (hedges(text) or not declines(text))
