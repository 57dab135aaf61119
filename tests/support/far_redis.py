"""A proxy to a real Redis with configurable latency, jitter and failures."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class FarRedis:
    """Delays each reply by ``late_s`` plus up to ``jitter_s``, in order.

    ``wavering_s`` randomly delays commands of a connection, so that another one may overtake it. ``deaf``
    accepts commands and never answers; ``dribble_s`` is the time per byte of a reply. Connecting takes as
    long as a reply.
    """

    socket: Path
    late_s: float = 0.0
    jitter_s: float = 0.0
    dribble_s: float = 0.0
    wavering_s: float = 0.0
    deaf: bool = False
    seed: int = 1
    port: int = 0
    connections: int = 0
    _dice: random.Random = field(init=False)
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        near_reader, near_writer = await asyncio.open_unix_connection(self.socket)
        ways: list[asyncio.Future[None]] = []
        try:
            await asyncio.sleep(self._delay())
            both = (self._forward(reader, near_writer), self._return(near_reader, writer))
            ways += map(asyncio.ensure_future, both)
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # by `async_end`
        finally:
            for way in ways:
                way.cancel()
            near_writer.close()
            writer.close()
            await asyncio.gather(*ways, near_writer.wait_closed(), return_exceptions=True)

    async def async_end(self) -> None:
        for way in self._connections:
            way.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            if self._dice.random() < 0.2:
                await asyncio.sleep(self._dice.uniform(0, self.wavering_s))
            if not self.deaf:
                writer.write(said)

    async def _return(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                at, said = await due.get()
                await asyncio.sleep(at - loop.time())
                for part in self._parts(said):
                    writer.write(part)
                    await asyncio.sleep(self.dribble_s)

        delivering = asyncio.create_task(deliver())
        try:
            while said := await reader.read(65536):
                due.put_nowait((loop.time() + self._delay(), said))
        finally:
            delivering.cancel()

    def _parts(self, said: bytes) -> list[bytes]:
        return [said[i : i + 1] for i in range(len(said))] if self.dribble_s else [said]

    def _delay(self) -> float:
        return self.late_s + self._dice.uniform(0, self.jitter_s)


@asynccontextmanager
async def far_redis(socket: Path) -> AsyncIterator[FarRedis]:
    """A proxy without delays; change its attributes to add them."""
    far = FarRedis(socket)
    server = await asyncio.start_server(far.connected, "127.0.0.1", 0)
    far.port = server.sockets[0].getsockname()[1]
    try:
        yield far
    finally:
        server.close()
        await server.wait_closed()
        await far.async_end()
