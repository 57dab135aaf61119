"""Several processes at the edge of one budget, some of them killed; the provider keeps the truth."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from genai.access.budgets import Budgets
from genai.memory.store import Store
from genai.messages import Bill
from tests.support.billing_provider import BillingProvider
from tests.support.redis_server import RedisServer
from tests.support.spender import BUDGET_USD, LEASE_S, settings

BUDGET = round(BUDGET_USD * 1_000_000)
WORKERS, AT_ONCE, REQUESTS = 3, 70, 180
MOST_OF_ONE = 2 * (3 * (64 + 16 + 45) + 5 * 20)


@asynccontextmanager
async def running(provider: BillingProvider) -> AsyncIterator[str]:
    runner = web.AppRunner(provider.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def start(redis: RedisServer, url: str, name: str) -> asyncio.subprocess.Process:
    words = (str(redis.socket), url, name, str(REQUESTS), str(AT_ONCE))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.spender", *words, stdout=asyncio.subprocess.PIPE
    )


async def lines_of(worker: asyncio.subprocess.Process, most: int = sys.maxsize) -> list[str]:
    assert worker.stdout is not None
    lines: list[str] = []
    while len(lines) < most and (line := await worker.stdout.readline()):
        lines.append(line.decode().strip())
    if len(lines) < most:
        await worker.wait()
    return lines


async def reconcile(budgets: Budgets, provider: BillingProvider) -> int:
    """Tell the ledger what the provider billed for the requests that nobody settled."""
    left = await budgets.async_unsettled("acme")
    for request in left:
        cost = provider.bill.get(request.request_id, 0)
        bills = [Bill(model="first", cost_micro_usd=cost)] if cost else []
        assert await budgets.async_reconcile("acme", request.permit, bills)
    return len(left)


async def test_two_hundred_concurrent_requests_in_three_processes_do_not_overspend(
    own_redis: RedisServer,
) -> None:
    provider = BillingProvider(seed=1)
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    async with running(provider) as url:
        budgets = Budgets(store, settings(url).budgets)
        workers = [await start(own_redis, url, f"w{n}") for n in range(WORKERS)]
        outcomes = [line for part in await asyncio.gather(*map(lines_of, workers)) for line in part]

    status = await budgets.async_status("acme", "tenant")
    month = status.day[:7]
    assert outcomes.count("spent") > 50
    assert outcomes.count("refused") > 50
    assert status.held_day == 0
    assert status.spent_day == sum(e.cost for e in await budgets.async_entries("acme", month))
    assert BUDGET - MOST_OF_ONE < status.spent_day == provider.total <= BUDGET
    await store.close()


async def test_killed_processes_neither_overspend_nor_lose_charges(
    own_redis: RedisServer,
) -> None:
    provider = BillingProvider(seed=2)
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    async with running(provider) as url:
        budgets = Budgets(store, settings(url).budgets)
        workers = [await start(own_redis, url, f"w{n}") for n in range(WORKERS)]
        await lines_of(workers[0], most=5)
        for worker in workers[:2]:
            worker.kill()
        await asyncio.gather(*map(lines_of, workers))
        assert provider.total <= BUDGET
        await asyncio.sleep(LEASE_S + 0.5)
        assert await reconcile(budgets, provider) > 0
        freed = BUDGET - (await budgets.async_status("acme", "tenant")).spent_day
        late = await start(own_redis, url, "late")
        outcomes = await lines_of(late)

    status = await budgets.async_status("acme", "tenant")
    assert status.held_day == 0
    assert status.spent_day == provider.total <= BUDGET
    assert "spent" in outcomes or freed < MOST_OF_ONE
    await store.close()
