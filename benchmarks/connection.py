"""A cheap persistent HTTP/1.1 connection: one request at a time, no TLS."""

import asyncio
import re
from collections.abc import Callable
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class BrokenError(ConnectionError):
    """The connection ended during a response, or the response is not HTTP."""


class BodyReader:
    """Finds the end of a body, by its length or its chunks."""

    def __init__(self, head: bytes) -> None:
        length = _LENGTH.search(head)
        self._chunked = _CHUNKED.search(head) is not None
        self._missing = int(length.group(1)) if length else 0
        self._rest = b""
        self.finished = not self._chunked and self._missing == 0

    def feed(self, data: bytes) -> bytes:
        """Returns the part of the body in ``data``."""
        if self._chunked:
            return self._unchunked(data)
        self._missing -= len(data)
        self.finished = self._missing <= 0
        return data

    def _unchunked(self, data: bytes) -> bytes:
        data, parts, at = self._rest + data, [], 0
        while (end_of_size := data.find(b"\r\n", at)) >= 0:
            size = int(data[at:end_of_size].partition(b";")[0], 16)
            end = end_of_size + 2 + size
            if len(data) < end + 2:
                break
            parts.append(data[end_of_size + 2 : end])
            at = end + 2
            self.finished = size == 0
        self._rest = data[at:]
        return b"".join(parts)


class Connection(asyncio.Protocol):
    """Sends requests, and passes on the parts of each body as they arrive."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._body: BodyReader | None = None
        self._status = 0
        self._on_part: Callable[[bytes], None] = lambda _: None
        self._done: asyncio.Future[int] | None = None

    async def send(self, request: bytes, on_part: Callable[[bytes], None]) -> int:
        """Returns the status after ``on_part`` got the whole body."""
        if self._transport is None or self._transport.is_closing():
            raise BrokenError("the connection is closed")
        self._on_part = on_part
        self._buffer, self._body = b"", None
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._done

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(BrokenError("the connection was lost"))

    def data_received(self, data: bytes) -> None:
        if self._body is None:
            self._buffer += data
            head, end, data = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self._status = int(head[9:12])
            self._body = BodyReader(head)
        if data and (part := self._body.feed(data)):
            self._on_part(part)
        if self._body.finished and self._done is not None and not self._done.done():
            self._done.set_result(self._status)


async def connect(host: str, port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection
