"""The closed-loop load generator, in its own process: `python -m benchmarks.load < load.json`.

Each client sends its next request when the last one is answered. The process prints a line
``begin`` after the warm-up and a line with the `Outcome` after the measured time, so that the
reader can attribute CPU time to the requests that were counted.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
import uvloop
from pydantic import BaseModel, ConfigDict

from benchmarks.connection import BrokenError, Connection, connect
from benchmarks.sse import EventReader
from benchmarks.stats import summary_ms
from benchmarks.text import words_in

SESSION = "{session}"


class Load(BaseModel):
    """``body`` may contain `SESSION`; a client starts the next session after some turns.

    A request fails unless its status is 200 and its answer contains all of ``expected``. With
    ``requests_per_client`` the load ends after that many requests instead of after ``seconds``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int
    path: str
    key: str
    body: str
    expected: str = ""
    stream: bool = False
    clients: int = 1
    warmup_s: float = 1.0
    seconds: float = 5.0
    requests_per_client: int | None = None
    turns_per_session: int = 4


class Outcome(BaseModel):
    """Tokens are words that arrived, or the reported usage if the text is not known."""

    model_config = ConfigDict(frozen=True)

    requests: int
    failed: int
    seconds: float
    tokens: int
    latency_ms: dict[str, float]
    first_token_ms: dict[str, float]
    generator_cpu_s: float
    failure: str = ""

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds


class Tally:
    """Counts from `begin` on, without the warm-up."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.latencies: list[float] = []
        self.first_tokens: list[float] = []
        self.failed = 0
        self.failure = ""
        self.tokens = 0
        self.since = time.perf_counter()
        self._cpu = _own_cpu_s()

    def fail(self, why: str) -> None:
        self.failed += 1
        self.failure = why[:300]

    def outcome(self) -> Outcome:
        return Outcome(
            requests=len(self.latencies),
            failed=self.failed,
            failure=self.failure,
            seconds=time.perf_counter() - self.since,
            tokens=self.tokens,
            latency_ms=summary_ms(self.latencies),
            first_token_ms=summary_ms(self.first_tokens),
            generator_cpu_s=_own_cpu_s() - self._cpu,
        )


def _own_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Client:
    """A user with one connection."""

    def __init__(self, load: Load, number: int, tally: Tally) -> None:
        self._load = load
        self._tally = tally
        self._name = f"bench-{time.time_ns():x}-{number}"
        self._sent = 0
        self._connection: Connection | None = None
        self._ask: Callable[[], Any] = self._ask_stream if load.stream else self._ask_once

    async def run(self, requests: int | None = None) -> None:
        try:
            while requests is None or self._sent < requests:
                await self._ask_safely()
        finally:
            self._close()

    async def _ask_safely(self) -> None:
        try:
            await self._ask()
        except (BrokenError, OSError) as error:
            self._tally.fail(str(error))
            self._close()
            await asyncio.sleep(0.05)

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    async def _send(self, on_part: Callable[[bytes], None]) -> int:
        if self._connection is None:
            self._connection = await connect(self._load.host, self._load.port)
        return await self._connection.send(self._request(), on_part)

    def _request(self) -> bytes:
        session = f"{self._name}-{self._sent // self._load.turns_per_session}"
        self._sent += 1
        return http_request(self._load, self._load.body.replace(SESSION, session))

    async def _ask_once(self) -> None:
        parts: list[bytes] = []
        started = time.perf_counter()
        status = await self._send(parts.append)
        seconds = time.perf_counter() - started
        body = b"".join(parts)
        if status != 200 or self._load.expected.encode() not in body:
            self._tally.fail(f"{status} {body.decode(errors='replace')}")
        else:
            self._tally.latencies.append(seconds)

    async def _ask_stream(self) -> None:
        answer = StreamedAnswer(self._tally)
        status = await self._send(answer.part)
        expected = self._load.expected
        if status != 200 or answer.error or (expected and answer.text != expected):
            self._tally.fail(f"{status} {answer.error or answer.raw[:200]!r}")
            return
        self._tally.latencies.append(time.perf_counter() - answer.started)
        self._tally.tokens += 1 if expected else answer.usage


class StreamedAnswer:
    """Collects the text of a stream, and counts its words as they arrive."""

    def __init__(self, tally: Tally) -> None:
        self.started = time.perf_counter()
        self.usage = 0
        self.error = ""
        self.raw = b""
        self._texts: list[str] = []
        self._events = EventReader()
        self._tally = tally

    @property
    def text(self) -> str:
        return "".join(self._texts)

    def part(self, data: bytes) -> None:
        self.raw = self.raw or data
        for event in self._events.feed(data):
            self.error = self.error or event.error
            self.usage = event.tokens or self.usage
            if event.text:
                self._say(event.text)

    def _say(self, text: str) -> None:
        if not self._texts:
            self._tally.first_tokens.append(time.perf_counter() - self.started)
        self._texts.append(text)
        self._tally.tokens += words_in(text)


def http_request(load: Load, body: str) -> bytes:
    content = body.encode()
    head = (
        f"POST {load.path} HTTP/1.1\r\n"
        f"Host: {load.host}:{load.port}\r\n"
        f"Authorization: Bearer {load.key}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def generate(load: Load, begin: Callable[[], None]) -> Outcome:
    """Generates the load. Calls ``begin`` after the warm-up."""
    tally = Tally()
    clients = [Client(load, number, tally) for number in range(load.clients)]
    if load.requests_per_client is not None:
        begin()
        tally.begin()
        await asyncio.gather(*(client.run(load.requests_per_client) for client in clients))
        return tally.outcome()
    running = [asyncio.create_task(client.run()) for client in clients]
    await asyncio.sleep(load.warmup_s)
    begin()
    tally.begin()
    await asyncio.sleep(load.seconds)
    outcome = tally.outcome()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    return outcome


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    load = Load.model_validate(orjson.loads(sys.stdin.buffer.read()))
    outcome = uvloop.run(generate(load, lambda: _say("begin")))
    _say(outcome.model_dump_json())


if __name__ == "__main__":
    main()
