import asyncio
import socket
from pathlib import Path

import pytest
from redis.asyncio import UnixDomainSocketConnection

from genai.memory.wire import cut_off_when_broken, socket_of

MORE_THAN_A_SOCKET_HOLDS = b"x" * 8_000_000


async def test_a_connection_to_an_unresponsive_server_is_closed(tmp_path: Path) -> None:
    """The client would close it as soon as all is written, which a frozen server never takes."""
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "redis.sock"))
        deaf.listen()
        connection = UnixDomainSocketConnection(
            path=str(tmp_path / "redis.sock"), driver_info=None, protocol=2
        )
        await connection.connect()
        own = socket_of(connection)
        assert own is not None

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                with cut_off_when_broken(connection):
                    await connection.send_packed_command(MORE_THAN_A_SOCKET_HOLDS)
        await asyncio.sleep(0.05)

        assert own.fileno() == -1
