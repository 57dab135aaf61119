"""Three times as many requests as the service can answer, whether or not it answers."""

import asyncio
import random
import time
from dataclasses import dataclass

import aiohttp

from benchmarks.chaos.clients import Server
from benchmarks.chaos.questions import COMPLETIONS
from benchmarks.chaos.rows import Row
from benchmarks.chaos.service import QUICK

CLIENTS = 32
CLOSED_S, CALM_S, ADAPT_S, FLOOD_S = 8.0, 10.0, 5.0, 15.0
CALM, FLOOD = 0.3, 3.0
"""Shares of the capacity."""

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
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.answers: list[Answer] = []
        self._session = session

    async def ask(self) -> None:
        body = {"model": QUICK, "messages": [{"role": "user", "content": "Count to a hundred."}]}
        started = time.monotonic()
        try:
            async with self._session.post(COMPLETIONS, json=body) as response:
                await response.read()
                status, says_when = response.status, "Retry-After" in response.headers
        except (aiohttp.ClientError, TimeoutError):
            status, says_when = 0, False
        self.answers.append(Answer(started, time.monotonic() - started, status, says_when))

    async def closed(self, clients: int, seconds: float) -> None:
        """Each client asks again as soon as it is answered."""
        until = time.monotonic() + seconds

        async def client() -> None:
            while time.monotonic() < until:
                await self.ask()

        await asyncio.gather(*(client() for _ in range(clients)))

    async def open(self, rate: float, seconds: float) -> None:
        """Requests arrive at random moments, so many a second, however slow the answers are."""
        draw, until = random.Random(1), time.monotonic() + seconds
        asked: set[asyncio.Task[None]] = set()
        next_at = time.monotonic()
        while next_at < until:
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
            asked.add(asyncio.create_task(self.ask()))
            next_at += draw.expovariate(rate)
        await asyncio.gather(*asked)


async def overload(server: Server) -> Row:
    async with aiohttp.ClientSession(
        server.url,
        headers={"Authorization": f"Bearer {server.key}"},
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(60),
    ) as session:
        best = Asker(session)
        await best.closed(CLIENTS, CLOSED_S)
        capacity = len(_good(best.answers)) / CLOSED_S
        calm = Asker(session)
        await calm.open(CALM * capacity, CALM_S)
        await Asker(session).open(FLOOD * capacity, ADAPT_S)
        flood = Asker(session)
        await flood.open(FLOOD * capacity, FLOOD_S)
    return _row(capacity, calm.answers, flood.answers)


def _row(capacity: float, calm: list[Answer], flood: list[Answer]) -> Row:
    good, refused = _good(flood), [answer for answer in flood if answer.status in REFUSALS]
    before, during = _percentile(_good(calm), 0.99), _percentile(good, 0.99)
    note = (
        f"capacity {capacity:.0f}/s; accepted: {len(good) / FLOOD_S / max(capacity, 1e-9):.0%} of it, "
        f"p99 {1000 * during:.0f} ms (calm {1000 * before:.0f}); {len(refused)} refused, "
        f"half of them within {1000 * _percentile(refused, 0.5):.0f} ms, "
        f"99 % within {1000 * _percentile(refused, 0.99):.0f}"
    )
    return Row(
        "three times the capacity",
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
