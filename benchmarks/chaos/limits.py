"""The request limit and the budget of one API key, used by eight processes at once.

    python -m benchmarks.chaos.limits URL KEY REQUESTS|SPENDS SECONDS      one of the eight

A request counts for a window only if it began and ended in it, so clock differences do not matter.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from benchmarks.chaos.charges import METERED
from benchmarks.chaos.clients import Server
from benchmarks.chaos.rows import Row
from benchmarks.chaos.service import METERED_MICRO_USD, METERED_TOKENS

PROCESSES, CONNECTIONS = 8, 4
WINDOW_S = 60.0
ALLOWED = 2_000
"""The limit of requests per minute; the processes send more."""

PAID_FOR = 200
"""Calls of the metered model that the budget covers."""

Taken = tuple[float, float]
"""The begin and end of an admitted request."""


async def requests_of_one_key(server: Server) -> Row:
    key = await _new_key(server, {"limits": {"requests_per_minute": ALLOWED}})
    taken, asked = await _all_processes(server.url, key, "REQUESTS", 1.5 * WINDOW_S)
    most, first = most_in_a_window(taken), in_window(taken, taken[0][0])
    missed = max(0, round(0.99 * ALLOWED) - first)
    note = (
        f"{ALLOWED} a minute allowed; at most {most} of {asked} were let in within any minute, "
        f"{first} within the first ({first / ALLOWED:.1%})"
    )
    return Row("limit, 8 processes", 1, asked, max(0, most - ALLOWED) + missed, note=note)


async def budget_of_one_key(server: Server) -> Row:
    usd = PAID_FOR * METERED_MICRO_USD / 1e6
    key = await _new_key(server, {"budget": {"usd_per_day": usd}})
    taken, asked = await _all_processes(server.url, key, "SPENDS", 30.0)
    over = max(0, len(taken) - PAID_FOR)
    missed = max(0, round(0.99 * PAID_FOR) - len(taken))
    note = f"a budget for {PAID_FOR} calls; {len(taken)} of {asked} were let in"
    return Row("budget, 8 processes", 1, asked, over + missed, note=note)


def in_window(taken: Sequence[Taken], since: float) -> int:
    return sum(since <= began and ended <= since + WINDOW_S for began, ended in taken)


def most_in_a_window(taken: Sequence[Taken]) -> int:
    """The most requests in any window. ``taken`` must be sorted by begin."""
    ends = sorted(ended for _, ended in taken)
    most = last = 0
    for before, (began, _) in enumerate(taken):
        while last < len(ends) and ends[last] <= began + WINDOW_S:
            last += 1
        ended_earlier = sum(ended <= began + WINDOW_S for _, ended in taken[:before])
        most = max(most, last - ended_earlier)
    return most


async def _new_key(server: Server, more: dict[str, Any]) -> str:
    async with (
        aiohttp.ClientSession(server.url, headers=_by(server.key)) as session,
        session.post("/v1/keys", json={"user": "limited", **more}) as response,
    ):
        key: str = (await response.json())["key"]
        return key


async def _all_processes(url: str, key: str, what: str, seconds: float) -> tuple[list[Taken], int]:
    command = (sys.executable, "-m", "benchmarks.chaos.limits", url, key, what, str(seconds))
    started = [
        await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    results = [json.loads((await process.communicate())[0]) for process in started]
    taken = sorted((began, ended) for each in results for began, ended in each["taken"])
    return taken, sum(each["asked"] for each in results)


def _by(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def _one_process(url: str, key: str, what: str, seconds: float) -> dict[str, Any]:
    taken: list[Taken] = []
    asked, until = 0, time.time() + seconds
    body = {**METERED.body, "max_tokens": METERED_TOKENS}

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal asked
        while time.time() < until:
            asked, began = asked + 1, time.time()
            asking = (
                session.get("/v1/models")
                if what == "REQUESTS"
                else session.post(METERED.path, json=body)
            )
            async with asking as response:
                await response.read()
                if response.status == 200:
                    taken.append((began, time.time()))
            await asyncio.sleep(0.02 if response.status == 200 else 0.2)

    async with aiohttp.ClientSession(url, headers=_by(key)) as session:
        await asyncio.gather(*(ask(session) for _ in range(CONNECTIONS)))
    return {"taken": taken, "asked": asked}


if __name__ == "__main__":
    found = asyncio.run(_one_process(*sys.argv[1:4], float(sys.argv[4])))
    sys.stdout.write(json.dumps(found))
