"""Clients that send requests without a pause, and a ledger of the outcomes."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp
import orjson

from benchmarks.chaos.questions import Reply, RequestCase, read

TIMEOUT_S = 90.0

SHOWN = 60
"""Characters shown of a wrong answer."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request with all its tries. ``started`` is a time of `time.monotonic`."""

    case: str
    started: float
    seconds: float
    tries: int
    reply: Reply
    right: bool


@dataclass(slots=True)
class Ledger:
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.right]

    def faults(self) -> Counter[str]:
        return Counter(
            f"{one.case}: {one.reply.fault or _another(one.reply)}" for one in self.failed
        )

    def within(self, since: float, until: float) -> "Ledger":
        return Ledger([one for one in self.outcomes if since <= one.started < until])

    def percentile_s(self, share: float) -> float:
        times = sorted(outcome.seconds for outcome in self.outcomes)
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def _another(said: Reply) -> str:
    return f"another answer ({said.text[:SHOWN]!r})"


class Clients:
    """Send requests until `stop`. Failed ones are tried ``tries`` times under the same `Idempotency-Key`,
    with a backoff that doubles from ``wait_s``."""

    def __init__(
        self,
        server: Server,
        asked: Sequence[RequestCase],
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
        """Send each case once, and store the replies as the expected ones."""
        async with self._session() as session:
            for one in self._asked:
                said = await self._ask(session, one, uuid4().hex)
                if said.fault:
                    raise RuntimeError(f"{one.name} fails without a fault: {said.fault}")
                self.known[one.name] = said.text

    async def run(self) -> None:
        async with self._session() as session:
            await asyncio.gather(*(self._client(session, n) for n in range(self._count)))

    def stop(self) -> None:
        """Each client ends after its current request."""
        self._stopping.set()

    def is_right(self, case: RequestCase, said: Reply) -> bool:
        """Whether a reply without a fault is the expected one."""
        return said.text == self.known[case.name]

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

    async def _request(self, session: aiohttp.ClientSession, case: RequestCase) -> None:
        started, key, tries = time.monotonic(), uuid4().hex, 0
        while True:
            tries += 1
            said = await self._ask(session, case, key)
            if not said.fault or tries == self._tries:
                break
            await asyncio.sleep(self._wait_s * 2 ** (tries - 1))
        right = not said.fault and (said.degraded or self.is_right(case, said))
        seconds = time.monotonic() - started
        self.ledger.outcomes.append(Outcome(case.name, started, seconds, tries, said, right))

    async def _ask(self, session: aiohttp.ClientSession, case: RequestCase, key: str) -> Reply:
        headers = {"Content-Type": "application/json"}
        if self._tries > 1:
            headers["Idempotency-Key"] = key
        try:
            async with session.post(
                case.path, data=orjson.dumps(case.body), headers=headers
            ) as response:
                return read(case, response.status, await response.read())
        except TimeoutError:
            return Reply(fault="no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            return Reply(fault=type(error).__name__)
