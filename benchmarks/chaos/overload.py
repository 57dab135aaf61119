"""Three times as many requests as the service can answer, whether or not it answers."""

import asyncio
import random
import time
from dataclasses import dataclass

import orjson

from benchmarks.chaos.clients import Server
from benchmarks.chaos.questions import COMPLETIONS, GENERATE, Asked
from benchmarks.chaos.rows import Row
from benchmarks.chaos.service import QUICK
from benchmarks.chaos.wire import Wire

CLIENTS = 32
WARM_S, CLOSED_S, CALM_S, ADAPT_S, FLOOD_S = 4.0, 8.0, 10.0, 15.0, 20.0
CALM, FLOOD = 0.3, 3.0
"""Shares of the capacity."""

TIMEOUT_S = 60.0

REFUSALS = (429, 503)


@dataclass(frozen=True, slots=True)
class Answer:
    at: float
    seconds: float
    status: int
    says_when: bool

    @property
    def proper(self) -> bool:
        return self.status == 200 or (self.status in REFUSALS and self.says_when)


class Asker:
    def __init__(self, wire: Wire) -> None:
        self.answers: list[Answer] = []
        self.asked_s = 0.0
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
        """Each client asks again as soon as it is answered."""
        until = time.monotonic() + seconds

        async def client() -> None:
            while time.monotonic() < until:
                await self.ask()

        await asyncio.gather(*(client() for _ in range(clients)))

    async def open(self, rate: float, seconds: float) -> None:
        """Requests arrive at random moments, so many a second, however slow the answers are.

        On a machine that has no processor for it, that takes longer: ``asked_s``.
        """
        draw, began = random.Random(1), time.monotonic()
        until = began + seconds
        asked: set[asyncio.Task[None]] = set()
        next_at = time.monotonic()
        while next_at < until:
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
            asked.add(asyncio.create_task(self.ask()))
            next_at += draw.expovariate(rate)
        self.asked_s = max(seconds, time.monotonic() - began)
        await asyncio.gather(*asked)


KINDS = (
    Asked(
        "a model that answers at once",
        COMPLETIONS,
        {"model": QUICK, "messages": [{"role": "user", "content": "Count to a hundred."}]},
    ),
    Asked("documents", GENERATE, {"input": "What does a replacement card cost?", "route": "rag"}),
)


async def overload(server: Server, asked: Asked) -> Row:
    wire = Wire(server, asked.path, orjson.dumps(asked.body))
    warm, best, calm, first, flood = (Asker(wire) for _ in range(5))
    try:
        await warm.closed(CLIENTS, WARM_S)
        await best.closed(CLIENTS, CLOSED_S)
        capacity = len(_good(best.answers)) / CLOSED_S
        await calm.open(CALM * capacity, CALM_S)
        rising = asyncio.create_task(first.open(FLOOD * capacity, ADAPT_S))
        await asyncio.sleep(ADAPT_S)
        await flood.open(FLOOD * capacity, FLOOD_S)
        await rising
    finally:
        await wire.close()
    name = f"three times the capacity: {asked.name}"
    return _row(name, capacity, calm.answers, first.answers, flood)


def _row(
    name: str, capacity: float, calm: list[Answer], first: list[Answer], flooded: Asker
) -> Row:
    flood = flooded.answers
    good, refused = _good(flood), [answer for answer in flood if answer.status in REFUSALS]
    asked = len(flood) / max(flooded.asked_s, 1e-9)
    before, during = _percentile(_good(calm), 0.99), _percentile(good, 0.99)
    note = (
        f"capacity {capacity:.0f}/s, asked {asked:.0f}/s; accepted: "
        f"{len(good) / max(flooded.asked_s * capacity, 1e-9):.0%} of the capacity, "
        f"p99 {1000 * during:.0f} ms (calm {1000 * before:.0f}, "
        f"in the first {ADAPT_S:.0f} s {1000 * _percentile(_good(first), 0.99):.0f}); "
        f"{len(refused)} refused, "
        f"half of them within {1000 * _percentile(refused, 0.5):.0f} ms, "
        f"99 % within {1000 * _percentile(refused, 0.99):.0f}"
    )
    return Row(
        name,
        1,
        len(flood),
        sum(not answer.proper for answer in flood),
        p50_s=_percentile(good, 0.5),
        p99_s=during,
        note=note,
    )


def _good(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status == 200]


def _percentile(answers: list[Answer], share: float) -> float:
    times = sorted(answer.seconds for answer in answers)
    return times[int(share * (len(times) - 1))] if times else 0.0
