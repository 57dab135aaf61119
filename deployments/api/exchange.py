"""One HTTP request and its response, over ASGI messages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from starlette.types import Message, Receive, Scope, Send

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
_BODY = "http.response.body"

_LEFT_WITHIN_S = 0.01
"""Servers that know of a disconnect report it immediately."""

Headers = list[tuple[bytes, bytes]]


def _not_recorded(block: bytes) -> None: ...


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
        self._begun = False
        self._complete = False

    def say_limits(self, headers: LimitHeaders) -> None:
        self.extra_headers.extend((name.encode(), value.encode()) for name, value in headers)

    def say_room(self, room: float | None) -> None:
        """A header for HAProxy, which handles integers only and removes it."""
        if room is not None:
            self.extra_headers.append((ROOM.encode(), b"%d" % max(1, round(PARTS * room))))

    async def reply(self, reply: Reply) -> None:
        length = (b"content-length", str(len(reply.body)).encode())
        await self._start(reply.status, [(b"content-type", reply.media_type), length])
        await self._write(reply.body, last=True)

    async def stream(
        self,
        stream: EventStream,
        settle: Callable[[], Awaitable[None]],
        record: Callable[[bytes], None] = _not_recorded,
    ) -> None:
        """Send events as they come, and ``record`` them before. An error before the first one is sent as an
        ordinary error response.
        """

        async def write(block: bytes, last: bool) -> None:
            if self._stream is None:
                self.before_first()
                await self._start(200, _SSE)
                self._stream = stream
            record(block)
            await self._write(block, last=last)

        await EventWriter(stream, write, settle).run()

    def through(self, send: Send) -> "Exchange":
        """The same request with another way to its client, which `relay` gets."""
        within = Exchange(self.scope, self.receive, send)
        within.tenant, within.key_id = self.tenant, self.key_id
        within.extra_headers = self.extra_headers
        return within

    async def relay(self, within: "Exchange", messages: AsyncIterator[Message]) -> None:
        """Send the messages that the exchange ``within`` has sent."""
        async for message in messages:
            self.status, self._stream, self._begun = within.status, within._stream, True
            if message["type"] == _BODY and not message["more_body"]:
                self._last()
            await self._send(message)

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
            self._last()
        await self._send({"type": _BODY, "body": body, "more_body": not last})

    def _last(self) -> None:
        self.before_last()
        self._complete = True
