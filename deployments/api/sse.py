"""Server-sent events: events that are ready together leave in one write.

    source ──pump──▶ ready ──▶ one write
                      ▲ heartbeat after silence

The pump and the writer run side by side, so a slow client stops the pump at `HIGH_WATER` bytes, and
a fast source never waits for more events to come.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from genai.errors import BackendFailed, GenAIError

HIGH_WATER = 64 * 1024
HEARTBEAT_S = 15.0
_HEARTBEAT = b": keep-alive\n\n"


@dataclass(frozen=True, slots=True)
class EventStream:
    """A streamed reply. ``encode`` turns one item of ``source`` into complete server-sent events.

    ``encode_error`` also gets the request id. If the source ends before ``is_whole``, the stream has
    failed. ``end`` is sent last, also after an error.
    """

    source: AsyncIterator[Any]
    encode: Callable[[Any], bytes]
    encode_error: Callable[[GenAIError, str], bytes]
    is_whole: Callable[[], bool]
    end: bytes = b""


def event(name: str, data: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))


def numbered(number: int, block: bytes) -> bytes:
    """The event with an id, which a client sends back as ``Last-Event-ID``."""
    return b"id: %d\n%b" % (number, block)


class EventWriter:
    """Writes one stream. ``write`` gets complete events, and whether they are the last.

    ``before_last`` runs after the source has ended without an error, before its last events are sent.
    """

    def __init__(
        self,
        stream: EventStream,
        write: Callable[[bytes, bool], Awaitable[None]],
        before_last: Callable[[], Awaitable[None]],
        *,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._stream = stream
        self._write = write
        self._before_last = before_last
        self._heartbeat_s = heartbeat_s
        self._ready: list[bytes] = []
        self._size = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._started = False
        self._ended = False
        self._failure: Exception | None = None

    async def run(self) -> None:
        """Raises what the source raises, after sending everything before it."""
        pump = asyncio.create_task(self._pump())
        self._loop = asyncio.get_running_loop()
        self._written_at = self._loop.time()
        self._timer = self._loop.call_later(self._heartbeat_s, self._beat)
        try:
            await self._write_until_the_end()
        finally:
            self._timer.cancel()
            pump.cancel()
            await asyncio.wait([pump])

    async def _pump(self) -> None:
        encode, source = self._stream.encode, self._stream.source
        try:
            async for item in source:
                block = encode(item)
                self._ready.append(block)
                self._size += len(block)
                self._news.set()
                if not self._started:
                    self._started = True
                    await asyncio.sleep(0)  # the first token leaves before the next is asked for
                if self._size >= HIGH_WATER:
                    self._room.clear()
                    await self._room.wait()
        except asyncio.CancelledError:
            self._failure = BackendFailed("the answer was cut off")
            raise
        except Exception as error:
            self._failure = error
        finally:
            self._ended = True
            self._news.set()
            await _close(source)

    async def _write_until_the_end(self) -> None:
        while not self._ended:
            await self._news.wait()
            self._news.clear()
            if not self._ended:
                await self._write(self._take(), False)
                self._written_at = self._loop.time()
        block = self._take()
        if self._failure is None and not self._stream.is_whole():
            self._failure = BackendFailed("the answer was cut off")
        if self._failure is not None:
            if block:
                await self._write(block, False)
            raise self._failure
        await self._before_last()
        await self._write(block + self._stream.end, True)

    def _take(self) -> bytes:
        block, self._ready, self._size = b"".join(self._ready), [], 0
        self._room.set()
        return block

    def _beat(self) -> None:
        silence = self._loop.time() - self._written_at
        if silence >= self._heartbeat_s and not self._ready:
            self._ready.append(_HEARTBEAT)
            self._news.set()
        wait = self._heartbeat_s - silence
        self._timer = self._loop.call_later(wait if wait > 0 else self._heartbeat_s, self._beat)


async def _close(source: AsyncIterator[Any]) -> None:
    close = getattr(source, "aclose", None)
    if close is not None:
        with suppress(Exception):
            await close()
