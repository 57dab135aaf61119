"""Clients that ask without a pause, and a ledger of all that they saw."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp
import orjson

from benchmarks.chaos.questions import Asked, Said, read

TIMEOUT_S = 90.0

SHOWN = 60
"""Characters of an answer that is not the known one."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request of a client, with all the tries that it made. Times are of this process's clock."""

    asked: str
    started: float
    seconds: float
    tries: int
    said: Said
    right: bool


@dataclass(slots=True)
class Ledger:
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.right]

    def faults(self) -> Counter[str]:
        return Counter(
            f"{one.asked}: {one.said.fault or _another(one.said)}" for one in self.failed
        )

    def within(self, since: float, until: float) -> "Ledger":
        return Ledger([one for one in self.outcomes if since <= one.started < until])

    def percentile_s(self, share: float) -> float:
        times = sorted(outcome.seconds for outcome in self.outcomes)
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def _another(said: Said) -> str:
    return f"another answer ({said.text[:SHOWN]!r})"


class Clients:
    """Ask until they are told to stop. With ``tries`` above one they repeat what failed, under the
    same `Idempotency-Key`, after waits of ``wait_s`` that double."""

    def __init__(
        self,
        server: Server,
        asked: Sequence[Asked],
        *,
        count: int = 50,
        tries: int = 1,
        wait_s: float = 1.0,
        pause_s: float = 0.0,
    ) -> None:
        self.ledger = Ledger()
        self.known: dict[str, str] = {}
        self._server = server
        self._asked = asked
        self._count = count
        self._tries = tries
        self._wait_s = wait_s
        self._pause_s = pause_s
        self._stopping = asyncio.Event()

    async def learn(self) -> None:
        """Ask everything once, and take the answers for the right ones."""
        async with self._session() as session:
            for one in self._asked:
                said = await self._ask(session, one, uuid4().hex)
                if said.fault:
                    raise RuntimeError(f"{one.name} fails before any harm is done: {said.fault}")
                self.known[one.name] = said.text

    async def run(self) -> None:
        async with self._session() as session:
            await asyncio.gather(*(self._client(session, n) for n in range(self._count)))

    def stop(self) -> None:
        """Each client ends after the request that it has begun."""
        self._stopping.set()

    def is_right(self, asked: Asked, said: Said) -> bool:
        """Whether an answer without a fault is the one that is known."""
        return said.text == self.known[asked.name]

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            self._server.url,
            headers={"Authorization": f"Bearer {self._server.key}"},
            timeout=aiohttp.ClientTimeout(TIMEOUT_S),
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def _client(self, session: aiohttp.ClientSession, number: int) -> None:
        for turn in itertools.count(number):
            if self._stopping.is_set():
                return
            await self._request(session, self._asked[turn % len(self._asked)])
            if self._pause_s:
                await asyncio.sleep(self._pause_s)

    async def _request(self, session: aiohttp.ClientSession, asked: Asked) -> None:
        started, key, tries = time.monotonic(), uuid4().hex, 0
        while True:
            tries += 1
            said = await self._ask(session, asked, key)
            if not said.fault or tries == self._tries:
                break
            await asyncio.sleep(self._wait_s * 2 ** (tries - 1))
        right = not said.fault and (said.degraded or self.is_right(asked, said))
        seconds = time.monotonic() - started
        self.ledger.outcomes.append(Outcome(asked.name, started, seconds, tries, said, right))

    async def _ask(self, session: aiohttp.ClientSession, asked: Asked, key: str) -> Said:
        headers = {"Content-Type": "application/json"}
        if self._tries > 1:
            headers["Idempotency-Key"] = key
        try:
            async with session.post(
                asked.path, data=orjson.dumps(asked.body), headers=headers
            ) as response:
                return read(asked, response.status, await response.read())
        except TimeoutError:
            return Said(fault="no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            return Said(fault=type(error).__name__)
