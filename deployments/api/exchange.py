"""One HTTP request and its response, over ASGI messages."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from deployments.api.call import Reply
from deployments.api.connection import request_id_of, traceparent_of
from deployments.api.errors import INTERNAL, error_body, error_headers
from deployments.api.sse import EventStream, EventWriter
from deployments.edge_overload import PARTS, ROOM
from genai.access.limits import LimitHeaders
from genai.errors import GenAIError

_COMMON = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
EVENTS = b"text/event-stream; charset=utf-8"
_SSE = [(b"content-type", EVENTS), (b"x-accel-buffering", b"no")]

KEPT_BYTES = 1_000_000
"""Longer streams are not stored for repetition."""

_LEFT_WITHIN_S = 0.01
"""Servers that know of a disconnect report it immediately."""

Headers = list[tuple[bytes, bytes]]


class Exchange:
    """Tracks how much of the response was sent, so that errors are reported in the form that still
    fits.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.request_id = request_id_of(scope)
        self.traceparent = traceparent_of(self.headers)
        self.tenant = ""
        self.key_id = ""
        self.status = 500
        self.extra_headers: Headers = []
        self.before_first: Callable[[], None] = lambda: None
        self.before_last: Callable[[], None] = lambda: None
        self._send = send
        self._stream: EventStream | None = None
        self.streamed: bytes | None = None
        self._begun = False
        self._complete = False

    def say_limits(self, headers: LimitHeaders) -> None:
        self.extra_headers.extend((name.encode(), value.encode()) for name, value in headers)

    def say_room(self, room: float | None) -> None:
        """A header for HAProxy, which handles integers only and removes it."""
        if room is not None:
            self.extra_headers.append((ROOM.encode(), b"%d" % round(PARTS * room)))

    async def reply(self, reply: Reply) -> None:
        length = (b"content-length", str(len(reply.body)).encode())
        await self._start(reply.status, [(b"content-type", reply.media_type), length])
        await self._write(reply.body, last=True)

    async def stream(
        self, stream: EventStream, settle: Callable[[], Awaitable[None]], *, keep: bool = False
    ) -> None:
        """Send events as they come. An error before the first one is sent as an ordinary error
        response.

        With ``keep``, everything sent is in ``streamed`` afterwards, unless it is too long.
        """
        sent = bytearray()

        async def write(block: bytes, last: bool) -> None:
            if self._stream is None:
                self.before_first()
                await self._start(200, _SSE)
                self._stream = stream
            if keep and len(sent) <= KEPT_BYTES:
                sent.extend(block)
            await self._write(block, last=last)

        await EventWriter(stream, write, settle).run()
        if keep and len(sent) <= KEPT_BYTES:
            self.streamed = bytes(sent)

    async def was_left(self) -> bool:
        """Whether the client disconnected before the response was complete. The body must have been
        read.
        """
        if self._complete:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEFT_WITHIN_S):
                return bool((await self.receive())["type"] == "http.disconnect")
        return False

    async def fail(self, error: GenAIError) -> None:
        """Send the error: as an event when a stream has started, not at all after a complete response."""
        if self._complete:
            return
        if self._stream is not None:
            self.status = error.status
            encoded = self._stream.encode_error(error, self.request_id)
            await self._write(encoded + self._stream.end, last=True)
        elif not self._begun:
            self.extra_headers.extend(error_headers(error))
            await self.reply(Reply(error_body(error, self.request_id), error.status))

    async def crash(self) -> None:
        await self.fail(INTERNAL)

    async def _start(self, status: int, headers: Headers) -> None:
        self.status, self._begun = status, True
        start = {"type": "http.response.start", "status": status}
        await self._send({**start, "headers": [*headers, *_COMMON, *self.extra_headers]})

    async def _write(self, body: bytes, *, last: bool) -> None:
        if last:
            self.before_last()
            self._complete = True
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})
