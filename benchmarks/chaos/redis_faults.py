"""Redis killed and frozen: acknowledged turns must survive, and requests must not wait for Redis."""

import asyncio
import os
import signal
import time
from uuid import uuid4

import aiohttp

from benchmarks.chaos.clients import Server
from benchmarks.chaos.processes import Processes
from benchmarks.chaos.questions import GENERATE
from benchmarks.chaos.rows import Row

WRITERS = 8
ROUNDS_S = 12.0
FROZEN_S = 5.0


class TurnLog:
    """Writes turns to sessions, and counts the acknowledged ones."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.acknowledged: dict[str, int] = {}
        self.refused = 0
        self.succeeded_at: list[float] = []
        self.took: list[tuple[float, float, int]] = []
        self._session = session

    async def write(self, name: str, until: float) -> None:
        body = {"input": "What does a replacement card cost?", "route": "rag", "session_id": name}
        while time.monotonic() < until:
            started = time.monotonic()
            status = await self._post(body)
            self.took.append((started, time.monotonic() - started, status))
            if status == 200:
                self.acknowledged[name] = self.acknowledged.get(name, 0) + 2
                self.succeeded_at.append(time.monotonic())
            else:
                self.refused += 1
                await asyncio.sleep(0.05)

    async def _post(self, body: dict[str, str]) -> int:
        try:
            async with self._session.post(GENERATE, json=body) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def lost(self) -> int:
        """The number of acknowledged turns that are missing."""
        missing = 0
        for name, count in self.acknowledged.items():
            async with self._session.get(f"/v1/sessions/{name}") as response:
                kept = len((await response.json()).get("turns", []))
            missing += max(0, count - kept)
        return missing

    def recovered_after_s(self, moment: float) -> float:
        return min((at for at in self.succeeded_at if at > moment), default=moment + 99) - moment


async def killed(server: Server, processes: Processes) -> Row:
    async with _session(server) as session:
        log, writing = _begin(session)
        await asyncio.sleep(ROUNDS_S / 3)
        await asyncio.to_thread(processes.send, "redis", signal.SIGKILL)
        at = time.monotonic()
        await writing
        lost = await log.lost()
    turns = sum(log.acknowledged.values())
    note = f"served again after {log.recovered_after_s(at):.2f} s; {log.refused} refused meanwhile"
    return Row("kill of Redis: acknowledged turns lost", 1, turns, lost, note=note)


async def frozen(server: Server, processes: Processes) -> Row:
    """Measures the waits of failing requests, which do nothing but wait for Redis."""
    async with _session(server) as session:
        log, writing = _begin(session)
        await asyncio.sleep(ROUNDS_S / 3)
        pid = await asyncio.to_thread(processes.send, "redis", signal.SIGSTOP)
        stopped = time.monotonic()
        await asyncio.sleep(FROZEN_S)
        if pid is not None:
            os.kill(pid, signal.SIGCONT)
        thawed = time.monotonic()
        await writing
        lost = await log.lost()
    waits = [took for at, took, status in log.took if status != 200 and stopped < at < thawed]
    longest = max(waits, default=0.0)
    note = (
        f"{len(waits)} refused, after {1000 * longest:.0f} ms at most; "
        f"served again after {log.recovered_after_s(thawed):.2f} s"
    )
    turns = sum(log.acknowledged.values())
    return Row("freeze of Redis: acknowledged turns lost", 1, turns, lost, note=note)


def _session(server: Server) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        server.url,
        headers={"Authorization": f"Bearer {server.key}"},
        timeout=aiohttp.ClientTimeout(60),
    )


def _begin(session: aiohttp.ClientSession) -> tuple[TurnLog, asyncio.Future[list[None]]]:
    log, until = TurnLog(session), time.monotonic() + ROUNDS_S
    names = [f"chaos-{uuid4().hex[:12]}" for _ in range(WRITERS)]
    return log, asyncio.gather(*(log.write(name, until) for name in names))
