"""A real Redis for tests, on a socket of its own.

Import the two fixtures into a test module or a `conftest.py`:

    from tests.support.redis_server import redis_client, redis_socket
"""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from genai.memory import embedded
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.settings.state import RedisSettings


class RedisServer:
    """A server that can be stopped, killed and started again over the same data."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / embedded.SOCKET
        self.start()

    def start(self) -> None:
        child = embedded.start(self.directory)
        assert child is not None, "somebody else's server runs in this folder"
        self.process = child

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def settings(self, timeout_s: float = 0.25) -> RedisSettings:
        return RedisSettings(embedded_socket=str(self.socket), timeout_s=timeout_s)

    def client(self, timeout_s: float = 0.25) -> Redis:
        return connect(self.settings(timeout_s), environ={})


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    """The socket of a server that the whole session shares."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        yield server.socket
        server.kill()


@pytest_asyncio.fixture
async def redis_client(redis_socket: Path) -> AsyncIterator[Redis]:
    """A client of the shared server, emptied before."""
    settings = RedisSettings(embedded_socket=str(redis_socket), timeout_s=5.0)
    client = connect(settings, environ={})
    await client.flushall()
    yield client
    await client.aclose()


@pytest_asyncio.fixture
async def store(redis_client: Redis) -> AsyncIterator[Store]:
    """A store over the shared server, with a long timeout for busy machines."""
    store = Store(redis_client, timeout_s=5.0)
    yield store
    await store.close()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server for one test, which may kill it."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        yield server
        server.kill()
