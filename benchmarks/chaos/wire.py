"""Repeats one request over persistent connections with little CPU, which the measured service shares."""

import asyncio
from typing import cast
from urllib.parse import urlsplit

from benchmarks.chaos.clients import Server

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"


class Wire:
    def __init__(self, server: Server, path: str, body: bytes) -> None:
        self._address = urlsplit(server.url)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Authorization: Bearer {server.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._request = head.encode() + body
        self._idle: list[_Connection] = []

    async def ask(self) -> tuple[int, bytes]:
        """The status and the head of the response. Raises `OSError` when there is none."""
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            head = await connection.ask(self._request)
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return int(head[9:12]), head.lower()

    async def close(self) -> None:
        for connection in self._idle:
            connection.close()
        await asyncio.sleep(0)

    async def _connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        host, port = self._address.hostname or "", self._address.port or 80
        return (await loop.create_connection(_Connection, host, port))[1]


class _Connection(asyncio.Protocol):
    """One request at a time. Only the status and the content length of a response are parsed."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport.is_closing():
            self.connection_lost(None)
        else:
            self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._got += data
        at = self._got.find(END_OF_HEAD)
        if at < 0:
            return
        end = at + len(END_OF_HEAD)
        if len(self._got) >= end + _length(self._got[:end]) and self._answer is not None:
            head, self._got, answer = self._got[:end], b"", self._answer
            if not answer.done():
                answer.set_result(head)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the response broke off"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _length(head: bytes) -> int:
    """Raises `IndexError` without a content length."""
    return int(head.lower().split(LENGTH)[1].split(b"\r\n", 1)[0])
