"""Random schedules of requests over ways to Redis that are slow now and then, in both directions."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from genai.access.admission import Admission
from genai.access.budgets import Budgets
from genai.access.demand import Demand
from genai.access.principal import Budget, Principal
from genai.access.usage import UsageLedger
from genai.errors import BudgetExceeded, RateLimited, TryLater
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.memory.wait_budget import one_request
from genai.messages import Usage
from genai.settings.access import BudgetSettings, LimitSettings
from genai.settings.state import RedisSettings
from tests.support.far_redis import far_redis
from tests.support.limiters import limiter_on
from tests.support.redis_server import RedisServer

REQUESTS, REPLICAS = 120, 4


@dataclass
class Replicas:
    """Processes that let requests in, and what their provider billed."""

    stores: list[Store]
    dice: random.Random
    concurrent: int
    billed: int = 0
    admissions: list[Admission] = field(init=False)

    def __post_init__(self) -> None:
        limits = LimitSettings(
            requests_per_minute=10_000,
            tokens_per_minute=1_000_000,
            concurrent_requests=self.concurrent,
        )
        self.admissions = [
            Admission(limiter_on(store, limits, BudgetSettings()), UsageLedger(store))
            for store in self.stores
        ]

    async def request(self, number: int) -> None:
        """One that is let in or not, leaves early or does not, and uses up a part of what it may."""
        dice, ask = self.dice, self.dice.randrange(1, 60)
        who = Principal(key_id=f"k{number % 3}", tenant="acme", user=f"u{number % 2}")
        with one_request():
            try:
                async with asyncio.timeout(dice.choice([0.02, 0.1, 5, 5, 5])):
                    permit = await dice.choice(self.admissions).async_admit(
                        who, Demand("m", ask, ask), request_id=f"r{number}"
                    )
            except (RateLimited, BudgetExceeded, TryLater, TimeoutError):
                return
            await asyncio.sleep(dice.uniform(0, 0.05))
            used = dice.randrange(0, ask + 1)
            self.billed += used
            await permit.async_settle(Usage(prompt_tokens=1, cost_micro_usd=used))

    async def all_requests(self) -> None:
        tasks = []
        for number in range(REQUESTS):
            tasks.append(asyncio.create_task(self.request(number)))
            if self.dice.random() < 0.3:
                await asyncio.sleep(self.dice.uniform(0, 0.05))
        await asyncio.gather(*tasks)

    async def all_written(self) -> None:
        async with asyncio.timeout(20):
            idle = 0
            while (
                idle < 2
            ):  # while one store was waited for, another may have sent its backlog again
                await asyncio.gather(*(store.flush() for store in self.stores))
                idle = 0 if any(store.backlog_size for store in self.stores) else idle + 1
                await asyncio.sleep(0.1)


@pytest.mark.parametrize("seed", range(4))
async def test_in_any_order_of_commands_the_ledger_is_correct_and_nothing_stays_reserved(
    own_redis: RedisServer, seed: int
) -> None:
    dice = random.Random(seed)
    cap = dice.randrange(500, 3000)
    near = Store(own_redis.client(5.0), timeout_s=5.0)
    budgets = Budgets(near, BudgetSettings())
    await budgets.async_set("acme", "tenant", "", Budget(micro_usd_per_day=cap))
    async with far_redis(own_redis.socket) as far:
        far.wavering_s = far.jitter_s = 0.4
        ways = [connect(RedisSettings(), {"REDIS_URL": far.url}) for _ in range(REPLICAS)]
        replicas = Replicas([Store(way, timeout_s=0.2) for way in ways], dice, 30)
        await replicas.all_requests()
        far.wavering_s = far.jitter_s = 0.0
        await replicas.all_written()
        await asyncio.gather(*(one.close() for one in replicas.stores))

    status = await budgets.async_status("acme", "tenant")
    entries = await budgets.async_entries("acme", status.day[:7])
    places = own_redis.client(5.0)
    taken = [await places.zcard(name) for name in await places.keys("*|places")]
    await asyncio.gather(near.close(), places.aclose())

    assert status.spent_day == sum(entry.cost for entry in entries) == replicas.billed <= cap
    assert status.held_day == sum(taken) == 0
    assert replicas.billed > 0
