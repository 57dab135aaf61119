"""Kills of ingress replicas while requests cost money: retries under a key are charged once."""

import asyncio
import signal

import aiohttp

from benchmarks.chaos.clients import Clients, Server
from benchmarks.chaos.processes import Processes
from benchmarks.chaos.questions import COMPLETIONS, RequestCase
from benchmarks.chaos.rows import Row, row_of
from benchmarks.chaos.service import METERED_MICRO_USD

KILLS = 3
METERED = RequestCase(
    "metered",
    COMPLETIONS,
    {"model": "metered", "messages": [{"role": "user", "content": "Count me."}]},
)


async def charged_once(server: Server, processes: Processes, clients: int) -> Row:
    asking = Clients(server, [METERED], count=clients, tries=4)
    before = await _spent_micro_usd(server)
    await asking.learn()
    running = asyncio.create_task(asking.run())
    for _ in range(KILLS):
        await asyncio.sleep(8)
        await asyncio.to_thread(processes.send, "Ingress", signal.SIGKILL)
    await asyncio.sleep(12)
    asking.stop()
    await running
    await asyncio.sleep(2)
    ledger = asking.ledger
    owed = (len(ledger.outcomes) - len(ledger.failed) + 1) * METERED_MICRO_USD
    charged = await _spent_micro_usd(server) - before
    note = f"owed {owed} micro-dollars, charged {charged}"
    return row_of("kill of an ingress replica: charges", KILLS, ledger, note)


async def _spent_micro_usd(server: Server) -> int:
    headers = {"Authorization": f"Bearer {server.key}"}
    async with (
        aiohttp.ClientSession(server.url, headers=headers) as session,
        session.get("/v1/usage") as response,
    ):
        usage = await response.json()
    cost_usd: float = usage["total_cost_usd"]
    return round(cost_usd * 1_000_000)
