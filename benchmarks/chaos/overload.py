"""An open-loop load of three times the capacity.

Clients, service and other processes share the CPUs, so the CPU share of each is reported.
"""

import asyncio
import os
import random
import time
from collections.abc import Awaitable
from dataclasses import dataclass

import orjson

from benchmarks import cpu
from benchmarks.chaos.clients import Server
from benchmarks.chaos.processes import Processes
from benchmarks.chaos.questions import COMPLETIONS, GENERATE, RequestCase
from benchmarks.chaos.rows import Row
from benchmarks.chaos.service import QUICK
from benchmarks.chaos.wire import Wire

CLIENTS = 32
WARM_S, CLOSED_S, CALM_S, ADAPT_S, FLOOD_S = 4.0, 8.0, 10.0, 15.0, 20.0
CALM, FLOOD = 0.3, 3.0
"""Shares of the capacity."""

TIMEOUT_S = 60.0

REFUSALS = (429, 503)

OWN = "bank"


@dataclass(frozen=True, slots=True)
class Answer:
    at: float
    seconds: float
    status: int
    says_when: bool

    @property
    def proper(self) -> bool:
        return self.status == 200 or (self.status in REFUSALS and self.says_when)


class LoadGenerator:
    def __init__(self, wire: Wire) -> None:
        self.answers: list[Answer] = []
        self._wire = wire

    async def ask(self) -> None:
        started = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status, head = await self._wire.ask()
        except (OSError, TimeoutError):
            status, head = 0, b""
        seconds = time.monotonic() - started
        self.answers.append(Answer(started, seconds, status, b"\nretry-after:" in head))

    async def closed(self, clients: int, seconds: float) -> None:
        """A closed loop: each client sends its next request after the answer."""
        until = time.monotonic() + seconds

        async def client() -> None:
            while time.monotonic() < until:
                await self.ask()

        await asyncio.gather(*(client() for _ in range(clients)))

    async def open(self, rate: float, seconds: float) -> None:
        """An open loop: ``rate`` requests per second on average, however slow the answers are.

        Takes longer if the CPUs cannot keep up.
        """
        draw = random.Random(1)
        until = time.monotonic() + seconds
        asked: set[asyncio.Task[None]] = set()
        next_at = time.monotonic()
        while next_at < until:
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
            asked.add(asyncio.create_task(self.ask()))
            next_at += draw.expovariate(rate)
        await asyncio.gather(*asked)


KINDS = (
    RequestCase(
        "a model that answers at once",
        COMPLETIONS,
        {"model": QUICK, "messages": [{"role": "user", "content": "Count to a hundred."}]},
    ),
    RequestCase(
        "documents", GENERATE, {"input": "What does a replacement card cost?", "route": "rag"}
    ),
    RequestCase("figures", GENERATE, {"input": "How many cards are blocked?", "route": "agent"}),
    RequestCase(
        "the model of this machine",
        COMPLETIONS,
        {
            "model": OWN,
            "messages": [{"role": "user", "content": "What is a standing order?"}],
            "max_tokens": 40,
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Phase:
    """``own_s`` is the CPU time of the clients, ``used`` that of the service and the machine."""

    answers: list[Answer]
    used: cpu.Used
    own_s: float

    @property
    def rate(self) -> float:
        return len(self.answers) / self.used.seconds

    @property
    def goodput(self) -> float:
        return len(_good(self.answers)) / self.used.seconds

    def p99_ms(self) -> float:
        return 1000 * _percentile(_good(self.answers), 0.99)

    def ms_of_an_answer(self) -> float:
        """CPU ms of the service per answer, including refusals."""
        return 1000 * self.used.cpu_s / max(1, len(_good(self.answers)))

    def edge_us(self) -> float:
        """CPU microseconds of HAProxy per request."""
        seconds = sum(took for name, took in self.used.by_name.items() if "haproxy" in name)
        return 1e6 * seconds / max(1, len(self.answers))

    def shares(self) -> str:
        """The CPU shares of service, clients and others."""
        whole = self.used.seconds * (os.cpu_count() or 1)
        others = self.used.machine - self.used.cpu_s - self.own_s
        parts = (("service", self.used.cpu_s), ("clients", self.own_s), ("others", others))
        return ", ".join(f"{name} {max(0.0, took) / whole:.0%}" for name, took in parts)


async def overload(server: Server, processes: Processes, case: RequestCase) -> Row:
    wire = Wire(server, case.path, orjson.dumps(case.body))

    async def phase(generator: LoadGenerator, asking: Awaitable[None]) -> Phase:
        before, own = cpu.read(processes.all()), time.process_time()
        await asking
        used = cpu.between(before, cpu.read(processes.all()))
        return Phase(generator.answers, used, time.process_time() - own)

    warm, best, calm, first, flood = (LoadGenerator(wire) for _ in range(5))
    try:
        await warm.closed(CLIENTS, WARM_S)
        closed = await phase(best, best.closed(CLIENTS, CLOSED_S))
        capacity = closed.goodput
        quiet = await phase(calm, calm.open(CALM * capacity, CALM_S))
        rising = asyncio.create_task(first.open(FLOOD * capacity, ADAPT_S))
        await asyncio.sleep(ADAPT_S)
        flooded = await phase(flood, flood.open(FLOOD * capacity, FLOOD_S))
        await rising
    finally:
        await wire.close()
    return _row(case, closed, quiet, Phase(first.answers, flooded.used, 0.0), flooded)


def _row(case: RequestCase, closed: Phase, calm: Phase, first: Phase, flood: Phase) -> Row:
    answers = flood.answers
    refused = [answer for answer in answers if answer.status in REFUSALS]
    note = (
        f"capacity {closed.goodput:.0f}/s ({closed.shares()}), asked {flood.rate:.0f}/s "
        f"({flood.shares()}); accepted: {flood.goodput / max(closed.goodput, 1e-9):.0%} of the capacity, "
        f"p99 {flood.p99_ms():.0f} ms (calm {calm.p99_ms():.0f}, "
        f"in the first {ADAPT_S:.0f} s {first.p99_ms():.0f}); {len(refused)} refused, "
        f"half of them within {1000 * _percentile(refused, 0.5):.0f} ms, "
        f"99 % within {1000 * _percentile(refused, 0.99):.0f}; "
        f"CPU of the service: {closed.ms_of_an_answer():.2f} ms an answer at its capacity, "
        f"{flood.ms_of_an_answer():.2f} in the flood, with {flood.edge_us():.0f} us of the edge for "
        f"each request"
    )
    return Row(
        f"three times the capacity: {case.name}",
        1,
        len(answers),
        sum(not answer.proper for answer in answers),
        p50_s=_percentile(_good(answers), 0.5),
        p99_s=flood.p99_ms() / 1000,
        note=note,
    )


def _good(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status == 200]


def _percentile(answers: list[Answer], share: float) -> float:
    times = sorted(answer.seconds for answer in answers)
    return times[int(share * (len(times) - 1))] if times else 0.0
