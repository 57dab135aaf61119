import asyncio
from pathlib import Path
from typing import get_args

import pytest
from redis.asyncio import Redis

from genai.access.keys import CACHED_FOR_S
from genai.messages import Role
from tests.support.access_world import OWNER, TENANT, World, build_world

pytest.importorskip("lancedb")

ALL = {
    "user": "reports",
    "roles": ["user", "operator"],
    "name": "nightly",
    "limits": {"requests_per_minute": 2},
    "budget": {"usd_per_day": 0.5},
    "expires_in_s": 3600,
}


@pytest.fixture
def admin(world: World) -> str:
    return next(a.key for a in world.actors if a.role == "admin" and a.tenant == TENANT)


async def test_a_key_works_as_it_was_made(world: World, admin: str) -> None:
    made = (await world.call("POST", "/v1/keys", admin, ALL)).json()

    principal = await world.state.keys.async_authenticate(made["key"])
    statuses = [(await world.call("GET", "/v1/models", made["key"])).status_code for _ in range(3)]

    assert (principal.tenant, principal.user) == (TENANT, "reports")
    assert principal.roles == ("user", "operator")
    assert principal.budget.micro_usd_per_day == 500_000
    assert statuses == [200, 200, 429]
    assert made["expires"] - made["created"] == pytest.approx(3600, abs=5)


async def test_a_key_is_shown_once(world: World, admin: str, redis_client: Redis) -> None:
    headers = {"Idempotency-Key": "k"}
    made = (await world.call("POST", "/v1/keys", admin, ALL, **headers)).json()
    again = (await world.call("POST", "/v1/keys", admin, ALL, **headers)).json()
    listed = await world.call("GET", "/v1/keys", admin)

    secret = made["key"].split("_", 2)[2]
    assert again == made | {"key": None}
    assert len([k for k in listed.json()["data"] if k["user"] == "reports"]) == 1
    assert secret not in listed.text
    assert "hash" not in listed.text
    for name in await redis_client.keys("*"):
        assert secret.encode() not in (await redis_client.dump(name) or b"")


async def test_a_revoked_key_stops_working_everywhere_within_five_seconds(
    world: World, admin: str, redis_socket: Path, tmp_path: Path
) -> None:
    elsewhere = await build_world(redis_socket, tmp_path / "elsewhere")
    made = (await world.call("POST", "/v1/keys", admin, {"user": "x"})).json()
    assert await world.key_works(made["key"])
    assert await elsewhere.key_works(made["key"])

    revoked = await world.call("DELETE", f"/v1/keys/{made['id']}", admin)

    assert revoked.json() == {"id": made["id"], "revoked": True}
    assert not await world.key_works(made["key"])
    await asyncio.sleep(CACHED_FOR_S)
    assert CACHED_FOR_S < 5
    assert not await elsewhere.key_works(made["key"])
    await elsewhere.state.async_close()


async def test_what_administrators_do_is_in_the_audit_log(world: World, admin: str) -> None:
    made = (await world.call("POST", "/v1/keys", admin, {"user": "x"})).json()
    await world.call("DELETE", f"/v1/keys/{made['id']}", admin)
    budget = {"scope": "user", "name": OWNER, "usd_per_day": 2}
    await world.call("POST", "/v1/budgets", admin, budget)
    world.state.trail.pause_s = 0.0
    await world.call("GET", "/v1/keys", world.owner.key)
    await world.state.trail.async_drain()
    auditor = next(a for a in world.actors if a.role == "auditor" and a.tenant == TENANT)

    page = (await world.call("GET", "/v1/audit?limit=3", auditor.key)).json()
    rest = (await world.call("GET", "/v1/audit?after=3", auditor.key)).json()

    done = [(e["action"], e["target"]) for e in page["data"] + rest["data"]]
    assert done == [
        ("key.create", made["id"]),
        ("key.revoke", made["id"]),
        ("budget.set", "user"),
        ("refuse.forbidden", "list_keys"),
    ]
    assert rest["data"][0]["actor"] == world.owner.key_id
    assert page["head"]["number"] == 4
    assert (await world.state.trail.log.async_verify(TENANT)).broken_at is None
    assert OWNER not in str(page["data"] + rest["data"]).replace(world.owner.key_id, "")


async def test_a_budget_is_set_and_read(world: World, admin: str) -> None:
    body = {"scope": "user", "name": OWNER, "usd_per_day": 2.5}
    await world.call("POST", "/v1/budgets", admin, body)

    state = (await world.call("GET", f"/v1/budgets/user/{OWNER}", world.owner.key)).json()
    cleared = {"scope": "user", "name": OWNER}
    after = (await world.call("POST", "/v1/budgets", admin, cleared)).json()

    assert state == {
        "scope": "user",
        "name": OWNER,
        "day": {"limit_usd": 2.5, "spent_usd": 0.0, "held_usd": 0.0},
        "month": {"limit_usd": None, "spent_usd": 0.0, "held_usd": 0.0},
    }
    assert after["day"]["limit_usd"] is None


async def test_a_key_may_have_every_role(world: World, admin: str) -> None:
    roles = list(get_args(Role))

    made = await world.call("POST", "/v1/keys", admin, {"user": "all", "roles": roles})

    assert made.status_code == 201
    assert made.json()["roles"] == roles


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": []},
        {"roles": ["root"]},
        {"user": "a b"},
        {"user": "a|b"},
        {"tenant": "rival"},
        {"limits": {"requests_per_minute": 0}},
        {"budget": {"usd_per_day": -1}},
        {"expires_in_s": 0},
    ],
)
async def test_a_key_that_makes_no_sense_is_not_made(
    world: World, admin: str, wrong: dict[str, object]
) -> None:
    before = len((await world.call("GET", "/v1/keys", admin)).json()["data"])

    made = await world.call("POST", "/v1/keys", admin, {"user": "x", **wrong})

    assert made.status_code == 400
    assert len((await world.call("GET", "/v1/keys", admin)).json()["data"]) == before
