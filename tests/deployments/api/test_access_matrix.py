"""Who reaches what: every route of the OpenAPI document, every role, own and foreign tenant."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from deployments.api.app import build_http_app
from tests.support.access_world import (
    APPROVAL,
    CANARY,
    DOCUMENT,
    OWNER,
    RUN,
    SESSION,
    TENANT,
    Actor,
    World,
)
from tests.support.services import Fakes

pytest.importorskip("lancedb")

ASKERS = ("user", "operator", "admin")

Owner = Literal["nobody", "person", "listed", "tenant", "open"]


@dataclass(frozen=True)
class Rule:
    """Who is let in by role, and whose the thing is that the request names.

    What is a ``person``'s is for that one alone, and for the roles in ``also``; what is a
    ``tenant``'s is for all of it; a ``listed`` one shows everybody the own, and those in ``also`` all
    of them; ``nobody``'s is made by the request, or is the caller's own.
    """

    of: Owner = "nobody"
    roles: tuple[str, ...] = ASKERS
    also: tuple[str, ...] = ()
    body: Any = None
    shows: bool = False

    def sent(self, world: World) -> Any:
        return self.body(world) if callable(self.body) else self.body


RULES: dict[tuple[str, str], Rule] = {
    ("POST", "/v1/assistant/generate"): Rule(body={"input": "hi", "session_id": "own"}),
    ("POST", "/v1/chat/completions"): Rule(
        body={"model": "bank", "messages": [{"role": "user", "content": "hi"}]}
    ),
    ("POST", "/v1/embeddings"): Rule(body={"model": "all-MiniLM-L6-v2", "input": "hi"}),
    ("GET", "/v1/models"): Rule(),
    ("GET", "/v1/models/{model_id}"): Rule(),
    ("POST", "/v1/documents"): Rule(
        roles=("operator", "admin"), body={"id": "fresh", "title": "t", "text": "x"}
    ),
    ("GET", "/v1/documents"): Rule(shows=True),
    ("GET", "/v1/documents/{document_id}"): Rule("tenant", shows=True),
    ("DELETE", "/v1/documents/{document_id}"): Rule("tenant", roles=("operator", "admin")),
    ("GET", "/v1/sessions/{session_id}"): Rule("person", shows=True),
    ("DELETE", "/v1/sessions/{session_id}"): Rule("person"),
    ("POST", "/v1/feedback"): Rule(
        "person", body=lambda world: {"answer_id": world.answer_id, "rating": "up"}
    ),
    ("GET", "/v1/usage"): Rule(roles=(*ASKERS, "auditor")),
    ("POST", "/v1/keys"): Rule(roles=("admin",), body={"user": "new"}),
    ("GET", "/v1/keys"): Rule(roles=("admin", "auditor"), shows=True),
    ("DELETE", "/v1/keys/{key_id}"): Rule("tenant", roles=("admin",)),
    ("POST", "/v1/budgets"): Rule(
        roles=("admin",), body={"scope": "user", "name": OWNER, "usd_per_day": 1}
    ),
    ("GET", "/v1/budgets/{scope}/{name}"): Rule(
        "person", roles=(*ASKERS, "auditor"), also=("operator", "admin", "auditor")
    ),
    ("DELETE", "/v1/subjects/{user}"): Rule(roles=("admin",)),
    ("GET", "/v1/audit"): Rule(roles=("auditor",)),
    ("POST", "/mcp"): Rule(body={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
    ("GET", "/v1/runs/{run_id}"): Rule("person", shows=True),
    ("GET", "/v1/runs/{run_id}/events"): Rule("person", shows=True),
    ("GET", "/v1/approvals"): Rule("listed", also=("operator", "admin"), shows=True),
    ("GET", "/v1/approvals/{approval_id}"): Rule("person", also=("operator", "admin"), shows=True),
    ("POST", "/v1/approvals/{approval_id}"): Rule(
        "tenant", roles=("operator", "admin"), body={"decision": "approve"}, shows=True
    ),
    ("DELETE", "/v1/approvals/{approval_id}"): Rule("person", shows=True),
    ("GET", "/healthz"): Rule("open"),
    ("GET", "/readyz"): Rule("open"),
    ("GET", "/metrics"): Rule("open"),
}


def operations() -> set[tuple[str, str]]:
    paths = build_http_app(Fakes().services()).openapi()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_no_route_is_without_a_rule() -> None:
    assert operations() == RULES.keys()


def address(path: str, world: World) -> str:
    """The path to what is the owner's."""
    own = {
        "{model_id}": "bank",
        "{document_id}": DOCUMENT,
        "{session_id}": SESSION,
        "{key_id}": world.owner.key_id,
        "{scope}": "key",
        "{name}": world.owner.key_id,
        "{user}": OWNER,
        "{run_id}": RUN,
        "{approval_id}": APPROVAL,
    }
    for name, value in own.items():
        path = path.replace(name, value)
    return path


def expected(rule: Rule, actor: Actor) -> int:
    """The status, where 200 stands for any success."""
    if rule.of == "open":
        return 200
    if actor.role not in rule.roles:
        return 403
    foreign = actor.tenant != TENANT
    if rule.of == "tenant":
        return 404 if foreign else 200
    if rule.of == "person" and actor.user != OWNER:
        return 200 if actor.role in rule.also and not foreign else 404
    return 200


@pytest.mark.parametrize("route", sorted(RULES), ids=" ".join)
async def test_nobody_reaches_what_is_not_theirs(world: World, route: tuple[str, str]) -> None:
    method, rule = route[0], RULES[route]
    for actor in list(reversed(world.actors)):
        await world.furnish()
        path = address(route[1], world)
        key = world.owner.key if actor.user == OWNER else actor.key

        response = await world.call(method, path, key, rule.sent(world))

        who = f"{actor.role} of {actor.tenant}"
        status = 200 if response.is_success else response.status_code
        assert status == expected(rule, actor), f"{who}: {response.text}"
        may_see = rule.shows and status == 200 and actor.tenant == TENANT
        if rule.of == "listed":
            may_see = may_see and (actor.user == OWNER or actor.role in rule.also)
        own_names = CANARY if route == ("GET", "/v1/keys") else ""
        assert (CANARY in response.text) == may_see or own_names, who
        if actor.tenant != TENANT or status != 200:
            assert await world.owns_session(), who
            assert await world.owns_document(), who
            assert await world.key_works(world.owner.key), who
            assert await world.budget_of_owner() is None, who
        if actor.tenant != TENANT:
            assert world.owner.key_id not in response.text, who


@pytest.mark.parametrize("route", sorted(RULES), ids=" ".join)
async def test_nobody_gets_in_without_a_valid_key(world: World, route: tuple[str, str]) -> None:
    method, rule = route[0], RULES[route]
    gone = await world.hire(TENANT, "gone", "admin")
    await world.state.keys.async_revoke(TENANT, gone.key_id)
    for key in (None, "", "gaf_0000000000000000_" + "A" * 43, gone.key):
        response = await world.call(method, address(route[1], world), key, rule.sent(world))

        assert response.status_code == (200 if rule.of == "open" else 401)
        assert CANARY not in response.text


@pytest.mark.parametrize(
    "name",
    [
        "{document_id}",
        "{session_id}",
        "{key_id}",
        "{name}",
        "{user}",
        "{model_id}",
        "{run_id}",
        "{approval_id}",
    ],
)
async def test_what_is_foreign_looks_like_what_does_not_exist(world: World, name: str) -> None:
    for method, path in sorted(RULES):
        rule = RULES[method, path]
        if name not in path or rule.of not in {"tenant", "person"}:
            continue
        rival = next(a for a in world.actors if a.tenant != TENANT and a.role == "admin")
        body = rule.sent(world)
        foreign = await world.call(method, address(path, world), rival.key, body)
        nothing = path.replace(name, "nothing-there").replace("{scope}", "key")
        missing = await world.call(method, nothing, rival.key, body)

        assert foreign.status_code == missing.status_code == 404
        shown = [r.json()["error"] | {"request_id": ""} for r in (foreign, missing)]
        assert shown[0] == shown[1]


async def test_an_idempotency_key_of_another_tenant_is_another_key(world: World) -> None:
    admins = [actor for actor in world.actors if actor.role == "admin"]
    ids = set()
    for admin in admins:
        headers = {"Idempotency-Key": "same"}
        made = await world.call("POST", "/v1/keys", admin.key, {"user": "x"}, **headers)
        ids.add(made.json()["id"])

    assert len(ids) == 2
