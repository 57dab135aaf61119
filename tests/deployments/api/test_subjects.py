import pytest
from redis.asyncio import Redis

from genai.access.demand import Demand
from genai.access.principal import Budget
from genai.messages import Bill, Turn, Usage
from tests.support.access_world import OWNER, SESSION, TENANT, World

pytest.importorskip("lancedb")

PATH = f"/v1/subjects/{OWNER}"


def admin_of(world: World, tenant: str = TENANT) -> str:
    return next(a.key for a in world.actors if a.role == "admin" and a.tenant == tenant)


async def live(world: World) -> None:
    """Let the owner use everything that remembers people."""
    owner, state = world.owner, world.state
    await state.memory.async_store(TENANT, OWNER, "ses-2", [Turn(role="user", content="second")])
    body = {"answer_id": world.answer_id, "rating": "up", "comment": "written by ann"}
    headers = {"Idempotency-Key": "once"}
    assert (await world.call("POST", "/v1/feedback", owner.key, body, **headers)).is_success
    principal = await state.keys.async_authenticate(owner.key)
    bill = Bill(model="gpt", prompt_tokens=1, completion_tokens=1, cost_micro_usd=40)
    for cost in (40, 60):
        permit = await state.admission.async_admit(
            principal, Demand("gpt", 10, cost), request_id="asked-once"
        )
        priced = bill.model_copy(update={"cost_micro_usd": cost})
        usage = Usage(prompt_tokens=1, completion_tokens=1, cost_micro_usd=cost, bills=(priced,))
        await permit.async_settle(usage)
    await state.budgets.async_set(TENANT, "user", OWNER, Budget(micro_usd_per_day=9))
    await state.store.flush()


async def traces(redis: Redis, *words: str) -> list[bytes]:
    """Where in Redis any of the words stands, in a name or inside."""
    found = []
    for name in await redis.keys("*"):
        kind = await redis.type(name)
        reads = {
            b"hash": redis.hgetall,
            b"set": redis.smembers,
            b"string": redis.get,
            b"list": lambda n: redis.lrange(n, 0, -1),
            b"zset": lambda n: redis.zrange(n, 0, -1),
            b"stream": redis.xrange,
            b"none": redis.exists,  # it has expired since
        }
        text = f"{name!r} {await reads[kind](name)!r}"
        found += [name for word in words if word in text]
    return found


async def test_nothing_of_an_erased_person_is_left_and_all_of_the_others_is(
    world: World, redis_client: Redis
) -> None:
    await live(world)
    other = await world.hire(TENANT, "annabel", "user")
    await world.state.memory.async_store(TENANT, "annabel", "s", [Turn(role="user", content="x")])
    tenant_before = await world.state.budgets.async_status(TENANT, "tenant")
    assert await traces(redis_client, "'ann'", "|ann'", "|ann|", "ses-2")

    receipt = (await world.call("DELETE", PATH, admin_of(world))).json()

    assert receipt["removed"] == {
        "approvals": 1,
        "budget_months": 2,
        "documents": 1,
        "exchanges": 0,
        "feedback": 1,
        "keys": 1,
        "ledger_lines_anonymised": 2,
        "rate_limits": 1,
        "reader_lists": 0,
        "runs": 1,
        "sessions": 2,
        "stored_replies": 1,
        "unsettled": 0,
        "usage_days": 2,
    }
    owned = (world.owner.key_id, "ses-2", SESSION, "written by ann", "asked-once")
    assert await traces(redis_client, "'ann'", "|ann'", "|ann|", *owned) == []
    assert not await world.owns_document()
    assert not await world.key_works(world.owner.key)
    assert await world.key_works(other.key)
    assert await world.state.memory.async_retrieve(TENANT, "annabel", "s", max_tokens=100)
    tenant = await world.state.budgets.async_status(TENANT, "tenant")
    entries = await world.state.budgets.async_entries(TENANT, tenant.day[:7])
    assert tenant == tenant_before
    assert sum(entry.cost for entry in entries) == tenant.spent_month == 100


async def test_a_second_erasure_finds_nothing(world: World) -> None:
    await live(world)
    first = (await world.call("DELETE", PATH, admin_of(world))).json()
    second = (await world.call("DELETE", PATH, admin_of(world))).json()

    assert sum(first["removed"].values()) > 0
    assert set(second["removed"].values()) == {0}


async def test_the_same_name_in_another_tenant_is_another_person(world: World) -> None:
    await world.call("DELETE", PATH, admin_of(world, "rival"))

    assert await world.owns_session()
    assert await world.owns_document()
    assert await world.key_works(world.owner.key)


async def test_an_erasure_is_in_the_audit_log_without_the_name(world: World) -> None:
    receipt = (await world.call("DELETE", PATH, admin_of(world))).json()

    entries = await world.state.trail.log.async_read(TENANT, after=0, limit=10)
    assert [e.decision.action for e in entries] == ["subject.erase.begin", "subject.erase"]
    assert entries[1].decision.target == receipt["id"]
    assert "sessions 1" in entries[1].decision.reason
    assert all("ann" not in entry.model_dump_json().replace("canary", "") for entry in entries)


async def test_an_erased_person_is_no_reader_of_others_documents(world: World) -> None:
    admin, boss = admin_of(world), await world.hire(TENANT, "boss", "operator")
    for name, readers in (("own", ["ann"]), ("shared", ["ann", "bob"]), ("bobs", ["bob"])):
        body = {"id": name, "title": "t", "text": "The Gold card costs 95 euros.", "users": readers}
        assert (await world.call("POST", "/v1/documents", boss.key, body)).is_success

    receipt = (await world.call("DELETE", PATH, admin)).json()

    assert receipt["removed"]["reader_lists"] == 2
    listed = (await world.call("GET", "/v1/documents", admin)).json()["data"]
    users = {document["id"]: document["readers"]["users"] for document in listed}
    assert users == {"own": ["(erased)"], "shared": ["bob"], "bobs": ["bob"]}
    carol = await world.hire(TENANT, "carol", "user")
    assert (await world.call("GET", "/v1/documents", carol.key)).json()["data"] == []
