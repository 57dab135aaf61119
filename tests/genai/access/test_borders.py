"""Money around the ends of days, months, years: random requests against books kept by hand."""

import datetime
import random
from dataclasses import dataclass, field

import pytest

from genai.access.admission import Admission, Permit
from genai.access.budgets import Budgets
from genai.access.demand import Demand
from genai.access.principal import Principal
from genai.access.usage import UsageLedger
from genai.errors import BudgetExceeded
from genai.memory.store import Store
from genai.messages import Bill, Usage
from genai.settings.access import BudgetSettings, LimitSettings
from tests.support.limiters import limiter_on

ANN = Principal(key_id="k1", tenant="acme", user="ann")
PER_DAY, PER_MONTH = 1000, 2300
LEASE_S = 150
REPLICAS, STEPS = 6, 400
LIMITS = LimitSettings(
    requests_per_minute=100_000,
    tokens_per_minute=100_000_000,
    concurrent_requests=100_000,
    lease_s=LEASE_S,
)
MONEY = {"per_tenant": {"usd_per_day": PER_DAY / 1e6, "usd_per_month": PER_MONTH / 1e6}}
UTC = datetime.UTC

BORDERS = {
    "a leap day": datetime.datetime(2028, 2, 29, tzinfo=UTC),
    "after a leap day": datetime.datetime(2028, 3, 1, tzinfo=UTC),
    "no leap day": datetime.datetime(2100, 3, 1, tzinfo=UTC),
    "a year": datetime.datetime(2027, 1, 1, tzinfo=UTC),
    "a short month": datetime.datetime(2026, 7, 1, tzinfo=UTC),
}


@dataclass
class Open:
    """A request that was let in."""

    permit: Permit
    day: str
    amount: int
    until: float
    expired: bool = False


@dataclass
class Books:
    """What the ledger should say."""

    spent: dict[str, int] = field(default_factory=dict)
    running: list[Open] = field(default_factory=list)
    now: float = 0.0

    @property
    def today(self) -> str:
        return datetime.datetime.fromtimestamp(self.now, UTC).date().isoformat()

    def pay(self, day: str, cost: int) -> None:
        self.spent[day] = self.spent.get(day, 0) + cost

    def expire(self) -> None:
        """What nobody settled in time is charged."""
        for one in self.running:
            if not one.expired and one.until <= self.now:
                one.expired = True
                self.pay(one.day, one.amount)

    def sum_of(self, period: str) -> int:
        held = sum(o.amount for o in self.running if not o.expired and o.day.startswith(period))
        return held + sum(cost for day, cost in self.spent.items() if day.startswith(period))

    def covers(self, amount: int) -> bool:
        within_day = self.sum_of(self.today) + amount <= PER_DAY
        return within_day and self.sum_of(self.today[:7]) + amount <= PER_MONTH


@pytest.mark.parametrize("border", BORDERS.values(), ids=BORDERS)
@pytest.mark.parametrize("seed", range(2))
async def test_every_request_is_admitted_and_charged_on_its_day_and_in_its_month(
    store: Store, border: datetime.datetime, seed: int
) -> None:
    dice, books = random.Random(seed), Books()
    books.now = border.timestamp() - 1.5 * 86_400
    settings = BudgetSettings.model_validate(MONEY)
    clock = {"now_us": lambda: int(books.now * 1_000_000)}
    limiters = [limiter_on(store, LIMITS, settings, **clock) for _ in range(REPLICAS)]
    admissions = [Admission(limiter, UsageLedger(store)) for limiter in limiters]
    budgets = Budgets(store, settings, **clock)
    refused = 0
    for number in range(STEPS):
        books.now += dice.choice([0, 0, 1, 30, 200, 2000])
        if number == STEPS // 2:
            books.now = max(books.now, border.timestamp() - 0.001)
        books.expire()
        if dice.random() < 0.45 and books.running:
            await settle(dice.choice(books.running), books, dice, store)
            continue
        amount = dice.choice([1, 40, 150, 300])
        covered = books.covers(amount)
        try:
            permit = await dice.choice(admissions).async_admit(
                ANN, Demand("m", 1, amount), request_id=f"r{number}"
            )
        except BudgetExceeded:
            assert not covered
            refused += 1
            continue
        assert covered
        books.running.append(Open(permit, books.today, amount, books.now + LEASE_S))

    status = await budgets.async_status("acme", "tenant")
    assert status.spent_day == books.spent.get(books.today, 0)
    assert status.spent_day + status.held_day == books.sum_of(books.today)
    assert status.spent_month + status.held_month == books.sum_of(books.today[:7])
    for month in {day[:7] for day in books.spent}:
        entries = await budgets.async_entries("acme", month)
        assert sum(entry.cost for entry in entries) == sum(
            cost for day, cost in books.spent.items() if day.startswith(month)
        )
    assert refused > 10


async def settle(one: Open, books: Books, dice: random.Random, store: Store) -> None:
    """In time, late, on another day; what had been charged meanwhile is given back."""
    books.running.remove(one)
    used = dice.randrange(0, one.amount + 1)
    if one.expired:
        books.pay(one.day, -one.amount)
    books.pay(one.day, used)
    bill = Bill(model="m", cost_micro_usd=used)
    await one.permit.async_settle(Usage(cost_micro_usd=used, bills=(bill,)))
    await store.flush()
