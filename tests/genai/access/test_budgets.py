import asyncio
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from genai.access.admission import Admission, Permit
from genai.access.budgets import Budgets
from genai.access.demand import Demand
from genai.access.principal import Budget, Principal
from genai.access.usage import UsageLedger
from genai.errors import BudgetExceeded, TryLater
from genai.memory.session_names import SessionNames
from genai.memory.store import Store
from genai.messages import Bill, Usage
from genai.settings.access import BudgetSettings, LimitSettings
from tests.support.limiters import limiter_on
from tests.support.redis_server import RedisServer
from tests.support.vault import CIPHER

ANN = Principal(key_id="k1", tenant="acme", user="ann")
BOB = Principal(key_id="k2", tenant="acme", user="bob")
PLENTY = LimitSettings(requests_per_minute=10_000, concurrent_requests=1000)
SECOND = 1_000_000
NOON = 1_772_280_000 * SECOND  # 2026-02-28T12:00:00Z


class Clock:
    """The time of Redis, in microseconds."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


Build = Callable[..., tuple[Admission, Budgets]]


@pytest.fixture
def build(store: Store, clock: Clock) -> Build:
    def build(**settings: object) -> tuple[Admission, Budgets]:
        budgets = BudgetSettings.model_validate(settings)
        limiter = limiter_on(store, PLENTY, budgets, now_us=clock)
        shown = Budgets(store, budgets, now_us=clock)
        return Admission(limiter, UsageLedger(store)), shown

    return build


def demand(micro_usd: int, session_id: str | None = None) -> Demand:
    return Demand("gpt", 10, micro_usd, session_id)


def cost(micro_usd: int) -> Usage:
    bill = Bill(model="gpt", prompt_tokens=2, completion_tokens=1, cost_micro_usd=micro_usd)
    return Usage(prompt_tokens=2, completion_tokens=1, cost_micro_usd=micro_usd, bills=(bill,))


async def admit(admission: Admission, wanted: Demand, principal: Principal = ANN) -> Permit:
    return await admission.async_admit(principal, wanted, request_id="r1")


async def test_a_reservation_counts_until_it_is_settled(build: Build, store: Store) -> None:
    admission, budgets = build(per_key={"usd_per_day": 0.001})
    first = await admit(admission, demand(600))
    with pytest.raises(BudgetExceeded, match="this key for today"):
        await admit(admission, demand(401))

    await first.async_settle(cost(599))
    await store.flush()

    await admit(admission, demand(401))
    status = await budgets.async_status("acme", "key", "k1")
    assert (status.spent_day, status.held_day, status.limit_day) == (599, 401, 1000)


async def test_a_refusal_says_when_the_day_ends(build: Build, clock: Clock) -> None:
    admission, _ = build(per_key={"usd_per_day": 0.001})
    await (await admit(admission, demand(1000))).async_settle(cost(1000))
    clock.now += 3600 * SECOND

    with pytest.raises(BudgetExceeded) as refused:
        await admit(admission, demand(1))
    clock.now += int(refused.value.retry_after_s * SECOND)

    assert refused.value.retry_after_s == 11 * 3600
    await admit(admission, demand(1))


async def test_a_month_holds_more_than_a_day_and_ends_with_it(build: Build, clock: Clock) -> None:
    admission, _ = build(per_tenant={"usd_per_day": 0.001, "usd_per_month": 0.0015})
    clock.now -= 24 * 3600 * SECOND
    await (await admit(admission, demand(1000))).async_settle(cost(1000))
    clock.now += 24 * 3600 * SECOND
    await (await admit(admission, demand(500))).async_settle(cost(500))

    with pytest.raises(BudgetExceeded, match="this tenant for this month") as refused:
        await admit(admission, demand(1))
    clock.now += int(refused.value.retry_after_s * SECOND)

    assert refused.value.retry_after_s == 12 * 3600
    await admit(admission, demand(1))


@pytest.mark.parametrize(
    ("scope", "stranger", "session"),
    [
        ("per_key", BOB, "s1"),
        ("per_user", BOB, "s1"),
        ("per_session", ANN, "s2"),
        ("per_tenant", ANN.model_copy(update={"tenant": "other"}), "s1"),
    ],
)
async def test_a_budget_limits_only_its_own_scope(
    build: Build, scope: str, stranger: Principal, session: str
) -> None:
    admission, _ = build(**{scope: {"usd_per_day": 0.001}})
    await admit(admission, demand(1000, "s1"))

    with pytest.raises(BudgetExceeded):
        await admit(admission, demand(1, "s1"))

    await admit(admission, demand(1000, session), stranger)


async def test_no_session_id_is_readable_in_redis(store: Store, redis_client: Redis) -> None:
    budgets = BudgetSettings.model_validate({"per_session": {"usd_per_day": 0.001}})
    limiter = limiter_on(store, PLENTY, budgets)
    admission = Admission(limiter, UsageLedger(store))

    permit = await admit(admission, demand(1000, "4111111111111111"))
    with pytest.raises(BudgetExceeded):
        await admit(admission, demand(1, "4111111111111111"))

    held = await redis_client.hvals("{acme}|held")
    await permit.async_settle(cost(1000))
    await store.flush()
    names = str([await redis_client.keys("*"), held])
    assert SessionNames(CIPHER).stored_id("4111111111111111") in names
    assert "4111" not in names


async def test_a_budget_that_was_set_takes_precedence_over_the_settings(build: Build) -> None:
    admission, budgets = build(per_user={"usd_per_day": 0.001})
    await budgets.async_set("acme", "user", "ann", Budget(micro_usd_per_day=50))

    with pytest.raises(BudgetExceeded):
        await admit(admission, demand(51))
    await admit(admission, demand(50))
    await admit(admission, demand(51), BOB)
    await budgets.async_set("acme", "user", "ann", Budget())

    await admit(admission, demand(950))


async def test_a_key_can_be_created_with_a_budget(build: Build) -> None:
    admission, _ = build()
    own = ANN.model_copy(update={"budget": Budget(micro_usd_per_month=10)})

    with pytest.raises(BudgetExceeded):
        await admit(admission, demand(11), own)


async def test_free_requests_are_admitted_over_the_budget(build: Build) -> None:
    admission, _ = build(per_key={"usd_per_day": 0})

    permit = await admit(admission, demand(0))

    assert permit.allowance_micro_usd == 0


async def test_only_requests_under_a_budget_have_an_allowance(build: Build) -> None:
    bounded, _ = build(per_key={"usd_per_day": 1})
    free, _ = build()

    assert (await admit(bounded, demand(7))).allowance_micro_usd == 7
    assert (await admit(free, demand(7))).allowance_micro_usd is None


async def test_every_model_of_a_request_is_billed(build: Build, store: Store) -> None:
    admission, budgets = build()
    spoke = Bill(model="backup", prompt_tokens=5, completion_tokens=2, cost_micro_usd=30)
    broke = Bill(
        model="gpt", prompt_tokens=5, cached_tokens=4, completion_tokens=1, cost_micro_usd=12
    )
    both = Usage(prompt_tokens=10, completion_tokens=3, cost_micro_usd=42, bills=(broke, spoke))

    await (await admit(admission, demand(100))).async_settle(both)
    await store.flush()

    entries = await budgets.async_entries("acme", "2026-02")
    assert [(e.model, e.cost, e.cached, e.user, e.request) for e in entries] == [
        ("gpt", 12, 4, "ann", "r1"),
        ("backup", 30, 0, "ann", "r1"),
    ]
    assert (await budgets.async_status("acme", "tenant")).spent_month == 42


async def test_a_request_is_booked_once_however_often_it_is_settled(
    build: Build, store: Store, redis_client: Redis
) -> None:
    admission, budgets = build()
    permit = await admit(admission, demand(100))
    sent: list[bytes] = []
    post = store.post
    store.post = lambda command: (sent.append(command), post(command))[1]  # type: ignore

    await permit.async_settle(cost(40))
    await permit.async_settle(cost(40))
    for command in sent[:2]:
        await store.run(command)  # type: ignore[arg-type]

    assert len(await budgets.async_entries("acme", "2026-02")) == 1
    assert (await budgets.async_status("acme", "key", "k1")).spent_day == 40


async def test_the_reservation_of_a_dead_process_is_charged_until_it_is_reconciled(
    build: Build, clock: Clock
) -> None:
    admission, budgets = build(per_key={"usd_per_day": 0.001})
    await admit(admission, demand(1000))
    clock.now += 151 * SECOND

    (open_one,) = await budgets.async_unsettled("acme")
    with pytest.raises(BudgetExceeded):
        await admit(admission, demand(1))
    truth = Bill(model="gpt", prompt_tokens=1, completion_tokens=1, cost_micro_usd=70)
    assert await budgets.async_reconcile("acme", open_one.permit, [truth])
    assert not await budgets.async_reconcile("acme", open_one.permit, [truth])

    status = await budgets.async_status("acme", "key", "k1")
    assert (open_one.request_id, open_one.charged_micro_usd) == ("r1", 1000)
    assert (status.spent_day, status.held_day) == (70, 0)
    assert await budgets.async_unsettled("acme") == ()
    entries = await budgets.async_entries("acme", "2026-02")
    assert [(e.kind, e.cost) for e in entries] == [
        ("expired", 1000),
        ("returned", -1000),
        ("use", 70),
    ]
    await admit(admission, demand(930))


async def test_the_reservation_of_a_dead_process_may_be_released(
    build: Build, clock: Clock
) -> None:
    admission, _ = build(per_key={"usd_per_day": 0.001}, unsettled="release")
    await admit(admission, demand(1000))
    clock.now += 151 * SECOND

    await admit(admission, demand(1000))


@pytest.mark.parametrize("unsettled", ["charge", "release"])
async def test_a_late_settlement_is_booked_once(build: Build, clock: Clock, unsettled: str) -> None:
    admission, budgets = build(per_key={"usd_per_day": 0.001}, unsettled=unsettled)
    slow = await admit(admission, demand(600))
    clock.now += 151 * SECOND
    await (await admit(admission, demand(300))).async_settle(cost(300))

    await slow.async_settle(cost(500))

    assert (await budgets.async_status("acme", "key", "k1")).spent_day == 800
    assert await budgets.async_unsettled("acme") == ()


async def test_a_request_of_yesterday_is_booked_on_its_day(build: Build, clock: Clock) -> None:
    admission, budgets = build(per_key={"usd_per_day": 0.001, "usd_per_month": 1})
    clock.now = NOON + 12 * 3600 * SECOND - SECOND
    late = await admit(admission, demand(1000))
    clock.now += 2 * SECOND

    fresh = await admit(admission, demand(1000))
    await late.async_settle(cost(900))
    await fresh.async_settle(cost(800))

    assert (await budgets.async_status("acme", "key", "k1")).day == "2026-03-01"
    assert (await budgets.async_status("acme", "key", "k1")).spent_month == 800
    assert sum(e.cost for e in await budgets.async_entries("acme", "2026-02")) == 900


async def test_a_cancelled_admission_reserves_nothing(build: Build, store: Store) -> None:
    admission, budgets = build()
    tasks = [asyncio.create_task(admit(admission, demand(10))) for _ in range(20)]
    await asyncio.sleep(0)

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.flush()

    assert (await budgets.async_status("acme", "key", "k1")).held_day == 0


async def test_no_budget_is_overspent_and_no_request_refused_without_reason(
    build: Build, clock: Clock
) -> None:
    admission, budgets = build(per_user={"usd_per_day": 0.01})
    spent = refused = 0

    async def ask(actual: int) -> None:
        nonlocal spent, refused
        try:
            permit = await admit(admission, demand(100))
        except BudgetExceeded:
            refused += 1
            return
        await asyncio.sleep(0)
        spent += actual
        await permit.async_settle(cost(actual))

    while not refused or 10_000 - spent >= 100:
        refused = 0
        await asyncio.gather(*(ask(1 + n % 97) for n in range(200)))
        clock.now += 61 * SECOND
        status = await budgets.async_status("acme", "user", "ann")
        assert (status.spent_day, status.held_day) == (spent, 0)

    assert 9_900 < spent <= 10_000


async def test_without_redis_requests_under_a_budget_are_refused(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    limits = LimitSettings(on_store_failure="allow_locally")
    admission = Admission(limiter_on(store, limits), UsageLedger(store))
    rich = ANN.model_copy(update={"budget": Budget(micro_usd_per_day=1000)})
    await (await admit(admission, demand(1), BOB)).async_settle(cost(1))
    await (await admit(admission, demand(1), rich)).async_settle(cost(1))
    await store.flush()
    own_redis.kill()

    await (await admit(admission, demand(5), BOB)).async_settle(cost(5))
    with pytest.raises(TryLater, match="budgets"):
        await admit(admission, demand(5), rich)
    await admit(admission, demand(0), rich)
    own_redis.start()
    async with asyncio.timeout(10):
        while store.backlog_size:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.05)
    await store.flush()

    status = await Budgets(store, BudgetSettings()).async_status("acme", "user", "bob")
    assert status.spent_day == 6
    await store.close()


@pytest.mark.parametrize("late_s", [1, 200])
async def test_a_request_repeated_for_a_dead_process_is_charged_once(
    build: Build, clock: Clock, store: Store, late_s: int
) -> None:
    admission, budgets = build(per_key={"usd_per_day": 0.001})
    dead = await admit(admission, demand(700))
    clock.now += late_s * SECOND
    await budgets.async_unsettled("acme")

    admission.release(ANN, dead.id)
    await store.flush()
    again = await admit(admission, demand(700))
    await again.async_settle(cost(650))
    await dead.async_settle(cost(600))

    assert (await budgets.async_status("acme", "key", "k1")).spent_day == 650
    assert await budgets.async_unsettled("acme") == ()
