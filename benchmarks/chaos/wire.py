"""One request, asked again and again over kept connections, for as little work as possible.

Who measures a service on its own machine takes its processors from it.
"""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from benchmarks.chaos.clients import Server

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Wire:
    def __init__(self, server: Server, path: str, body: bytes) -> None:
        self._address = urlsplit(server.url)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Authorization: Bearer {server.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._request = head.encode() + body
        self._idle: list[Connection] = []

    async def ask(self) -> tuple[int, bytes]:
        """The status and the head of the response. Raises `OSError` when there is none."""
        connection = self._idle.pop() if self._idle else await self._connect()
        reader, writer = connection
        try:
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(_length(head))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError) as error:
            writer.close()
            raise ConnectionError("the response broke off") from error
        self._idle.append(connection)
        return int(head[9:12]), head.lower()

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connect(self) -> Connection:
        return await asyncio.open_connection(self._address.hostname, self._address.port)


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
