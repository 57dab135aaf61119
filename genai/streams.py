"""Closes streams reliably, and merges their items when the consumer is slower.

A message between processes costs about as much with one token as with fifty. So the first token is sent
alone and at once, and tokens that arrive while a message is under way are sent together.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from genai.events import DraftStreamEvent, SpentEvent, TokenEvent
from genai.messages import Chunk

T = TypeVar("T")
Work = Callable[[], Awaitable[None]]

READY_AT_MOST = 256
"""Items that may be buffered before the producer has to wait."""


@asynccontextmanager
async def closing(items: AsyncIterator[T]) -> AsyncGenerator[AsyncIterator[T], None]:
    """Close the stream at the end of the block, which stops the work behind it.

    Leaving an ``async for`` early would leave the generator to the garbage collector.
    """
    try:
        yield items
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()


async def _as_it_is(work: Work) -> None:
    await work()


async def ready_batches(
    items: AsyncIterator[T],
    *,
    at_most: int = READY_AT_MOST,
    run: Callable[[Work], Awaitable[None]] = _as_it_is,
) -> AsyncIterator[list[T]]:
    """Lists of the items that are ready, in order, never empty. ``run`` carries out their production.

    Raises what ``items`` and ``run`` raise, after the items before it. Closing the iterator closes ``items``.
    """
    ready: list[T] = []
    changed = asyncio.Event()
    room = asyncio.Event()
    room.set()

    async def produce() -> None:
        async with closing(items) as source:
            async for item in source:
                ready.append(item)
                changed.set()
                if len(ready) >= at_most:
                    room.clear()
                    await room.wait()

    producer = asyncio.ensure_future(run(produce))
    producer.add_done_callback(lambda _: changed.set())
    try:
        while True:
            if not ready and not producer.done():
                changed.clear()
                await changed.wait()
            if ready:
                batch, ready[:] = ready[:], []
                room.set()
                yield batch
            elif producer.done():
                producer.result()
                return
    finally:
        producer.cancel()
        await asyncio.gather(producer, return_exceptions=True)


def merge_tokens(events: list[DraftStreamEvent]) -> list[DraftStreamEvent]:
    """The events with adjacent tokens joined; only the latest `SpentEvent` is kept."""
    merged: list[DraftStreamEvent] = []
    texts: list[str] = []
    spent: SpentEvent | None = None
    for event in events:
        if isinstance(event, TokenEvent):
            texts.append(event.text)
            continue
        if isinstance(event, SpentEvent):
            spent = event
            continue
        if texts:
            merged.append(TokenEvent(text="".join(texts)))
            texts = []
        merged.append(event)
    if texts:
        merged.append(TokenEvent(text="".join(texts)))
    return [spent, *merged] if spent else merged


def merge_chunks(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks with adjacent text-only ones joined."""
    merged: list[Chunk] = []
    plain: list[Chunk] = []
    for chunk in chunks:
        if (
            chunk.tool_calls
            or chunk.citations
            or chunk.usage
            or chunk.finish_reason
            or chunk.restarted
        ):
            merged += _joined(plain)
            plain = []
            merged.append(chunk)
        else:
            plain.append(chunk)
    return merged + _joined(plain)


def _joined(plain: list[Chunk]) -> list[Chunk]:
    if len(plain) < 2:
        return plain
    degraded = next((chunk.degraded for chunk in plain if chunk.degraded), None)
    text = "".join([chunk.text for chunk in plain])
    last = plain[-1]
    return [Chunk(text=text, model=last.model, spent=last.spent, degraded=degraded)]
