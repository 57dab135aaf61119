"""Writes commands and reads replies of the Redis protocol, below the API of redis-py."""

import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

Word = str | bytes | int | float


async def reply_of(connection: AbstractConnection) -> Any:
    """The next reply. An error reply is returned, not raised."""
    try:
        return await connection.read_response(timeout=math.inf)
    except ResponseError as error:
        return error


def socket_of(connection: AbstractConnection) -> socket.socket | None:
    """None while it is not connected."""
    writer = connection._writer  # private in redis-py
    return None if writer is None else cast(socket.socket, writer.get_extra_info("socket"))


@contextmanager
def cut_off_when_broken(connection: AbstractConnection) -> Iterator[None]:
    """Aborts the connection when the block raises.

    redis-py would close it gracefully, which waits for a server that does not read.
    """
    writer = connection._writer
    try:
        yield
    except BaseException:
        if writer is not None:
            writer.transport.abort()
        raise


def packed(words: tuple[Word, ...]) -> bytes:
    """A command in the RESP protocol: the number of words, then each with its length."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        raw = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(parts)
