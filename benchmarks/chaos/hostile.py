"""Hostile clients: slow request heads, huge bodies, malformed headers and headers for the server itself."""

import asyncio
import time
from collections import Counter
from urllib.parse import urlsplit

import orjson

from benchmarks.chaos.clients import Clients, Server
from benchmarks.chaos.processes import Processes
from benchmarks.chaos.questions import COMPLETIONS, GENERATE, questions
from benchmarks.chaos.rows import Row, row_of

SLOW_SOCKETS = 200
HUGE_BODIES = 50
HUGE = 200_000_000
PART = bytes(2**16)


async def slow_heads(server: Server, clients: int) -> Row:
    """Sockets that send one byte of a request head per second, while normal clients run."""
    asking = Clients(server, questions(), count=clients)
    await asking.learn()
    running = asyncio.create_task(asking.run())
    held = await asyncio.gather(*(_drip(server) for _ in range(SLOW_SOCKETS)))
    asking.stop()
    await running
    note = f"{SLOW_SOCKETS} slow sockets; the last was closed after {max(held):.1f} s"
    return row_of("slow-loris", SLOW_SOCKETS, asking.ledger, note)


async def _drip(server: Server) -> float:
    """Seconds until the server closed the connection."""
    reader, writer = await _connect(server)
    started = time.monotonic()
    head = f"POST {GENERATE} HTTP/1.1\r\nHost: x\r\nX-Slow: {'x' * 60}\r\n".encode()
    closed = asyncio.ensure_future(reader.read())
    for at in range(len(head)):
        writer.write(head[at : at + 1])
        done, _ = await asyncio.wait({closed}, timeout=1.0)
        if done or writer.is_closing():
            break
    closed.cancel()
    await asyncio.gather(closed, return_exceptions=True)
    writer.close()
    return time.monotonic() - started


async def huge_bodies(server: Server, processes: Processes) -> Row:
    before = _memory_mb(processes)
    outcomes = await asyncio.gather(
        *(_push(server, chunked=bool(number % 2)) for number in range(HUGE_BODIES))
    )
    grown = _memory_mb(processes) - before
    statuses = Counter(status for status, _ in outcomes)
    sent = max(sent for _, sent in outcomes)
    refused = statuses["413"] + statuses["closed"]
    note = (
        f"{dict(statuses)}; {sent / 1e6:.2f} MB were taken at most; "
        f"edge and ingress grew by {grown:.0f} MB"
    )
    failed = HUGE_BODIES - refused
    return Row(f"{HUGE_BODIES} bodies of 200 MB", HUGE_BODIES, HUGE_BODIES, failed, note=note)


async def _push(server: Server, *, chunked: bool) -> tuple[str, int]:
    """The status, and the bytes sent before it came."""
    reader, writer = await _connect(server)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {HUGE}"
    head = f"POST {GENERATE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {server.key}\r\n{length}\r\n\r\n"
    writer.write(head.encode())
    part = f"{len(PART):x}\r\n".encode() + PART + b"\r\n" if chunked else PART
    answer = asyncio.ensure_future(reader.read(4096))
    sent = 0
    try:
        while sent < HUGE and not answer.done():
            writer.write(part)
            await asyncio.wait_for(writer.drain(), 30)
            sent += len(PART)
            await asyncio.sleep(0)
        said = await asyncio.wait_for(answer, 30)
    except (ConnectionError, TimeoutError):
        said = b""
    answer.cancel()
    writer.close()
    return (said[9:12].decode() or "closed"), sent


def _memory_mb(processes: Processes) -> float:
    found = [*processes.of("haproxy"), *processes.of("Ingress")]
    return sum(p.memory_info().rss for p in found) / 1e6


TRICKS: dict[str, str] = {
    "two lengths": "Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}",
    "length and chunks": "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked, obfuscated": "Transfer-Encoding: xchunked\r\n\r\n{}",
    "no timeout, please": "X-Request-Timeout-Seconds: 0\r\nContent-Length: 2\r\n\r\n{}",
    "do not notice that I leave": "X-Request-Disconnect-Disabled: ?1\r\nContent-Length: 2\r\n\r\n{}",
    "line breaks in the request id": "X-Request-Id: a\tb\r\nContent-Length: 2\r\n\r\n{}",
    "a request id of ten kilobytes": f"X-Request-Id: {'x' * 10_000}\r\nContent-Length: 2\r\n\r\n{{}}",
    "a head of a megabyte": f"X-Filler: {'x' * 1_000_000}\r\nContent-Length: 2\r\n\r\n{{}}",
    "a thousand headers": "X-Filler: x\r\n" * 1000 + "Content-Length: 2\r\n\r\n{}",
    "a folded header": "X-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "a space before the colon": "Content-Length : 2\r\n\r\n{}",
    "a negative length": "Content-Length: -1\r\n\r\n",
    "a zero byte": "X-Zero: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    "packed": "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "expects to continue": "Expect: 200-nothing\r\nContent-Length: 2\r\n\r\n{}",
    "an upgrade": "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\n{}",
}
"""The end of a request after its first headers. All must be refused, without a 5xx."""


async def header_tricks(server: Server) -> Row:
    statuses = {name: await _trick(server, rest) for name, rest in TRICKS.items()}
    wrong = {name: status for name, status in statuses.items() if status not in REFUSED}
    note = ", ".join(f"{name}: {status}" for name, status in wrong.items())
    return Row("header tricks", len(TRICKS), len(TRICKS), len(wrong), note=note)


REFUSED = {"closed", "400", "408", "411", "413", "415", "417", "422", "431"}


async def _trick(server: Server, rest: str) -> str:
    reader, writer = await _connect(server)
    head = f"POST {COMPLETIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\n"
    writer.write((head + "Content-Type: application/json\r\n" + rest).encode())
    try:
        said = await asyncio.wait_for(reader.read(4096), 20)
    except (ConnectionError, TimeoutError):
        said = b""
    writer.close()
    return said[9:12].decode() or "closed"


async def _connect(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(server.url)
    return await asyncio.open_connection(address.hostname, address.port)


async def deadline_stands(server: Server) -> Row:
    """The deadline holds even if a client tries to disable the server's timeout by a header."""
    body = orjson.dumps({"input": "Say good morning.", "route": "chat", "timeout_s": 0.01})
    reader, writer = await _connect(server)
    head = f"POST {GENERATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\n"
    head += "X-Request-Timeout-Seconds: 0\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    started = time.monotonic()
    said = await asyncio.wait_for(reader.read(4096), 30)
    took, status = time.monotonic() - started, said[9:12].decode()
    writer.close()
    late = took > 1.0 or status not in {"408", "504"}
    return Row("deadline of 10 ms", 1, 1, int(late), note=f"{status} after {took:.2f} s")
