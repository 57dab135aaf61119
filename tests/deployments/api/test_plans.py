"""Plans over HTTP, with the shipped settings: the supervisor, the fan-out, and who asks for them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from tests.support.sse import parse_events
from tests.support.whole_app import WholeApp, whole_app, whole_settings

FIGURE = "How many customers live in Dublin?"
RULE = "What does it cost to replace a lost card?"
BOTH = "How many customers live in Dublin, and what does it cost to replace a lost card?"
DOCUMENT = (
    f"# Cards\n\n## Replacing a lost card\n\n<!-- asked\n{RULE}\n-->\n\n"
    "It costs 12 EUR to replace a lost card.\n"
)
SUPERVISOR = "figures_and_documents"


@pytest.fixture
async def app(redis_socket: Path, redis_client: Redis, tmp_path: Path) -> AsyncIterator[WholeApp]:
    async with whole_app(whole_settings(tmp_path, redis_socket)) as app:
        yield app


@pytest.fixture
async def client(app: WholeApp) -> AsyncIterator[httpx.AsyncClient]:
    key = await app.new_key("acme", "ada")
    transport = httpx.ASGITransport(app.http, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        document = {"id": "cards", "title": "Cards", "text": DOCUMENT}
        stored = await client.post("/v1/documents", json=document)
        assert stored.status_code < 300, stored.text
        yield client


async def ask(client: httpx.AsyncClient, text: str, **fields: Any) -> dict[str, Any]:
    response = await client.post("/v1/assistant/generate", json={"input": text, **fields})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def over(client: httpx.AsyncClient, run: str) -> dict[str, Any]:
    """The state of a run once it is done."""
    for _ in range(1000):
        state: dict[str, Any] = (await client.get(f"/v1/runs/{run}")).json()
        if state["status"] == "done":
            return state
        await asyncio.sleep(0.02)
    raise AssertionError("the run does not end")


async def test_a_question_of_two_kinds_reaches_both_specialists(client: httpx.AsyncClient) -> None:
    said = await ask(client, BOTH)

    assert (said["route"], said["plan"]) == ("plan", SUPERVISOR)
    assert said["output"].startswith("The bank has 35 customers in Dublin.\n\n")
    assert "12 EUR" in said["output"]
    assert [step["tool"] for step in said["steps"]] == ["sql"]
    assert [cited["document_id"] for cited in said["citations"]] == ["cards"]
    assert {"plan.supervisor", "plan.figures", "plan.documents"} <= set(said["timings_ms"])
    assert said["usage"]["total_tokens"] > 0


async def test_a_half_that_nobody_answers_is_named(client: httpx.AsyncClient) -> None:
    said = await ask(client, "How many customers live in Dublin, and what is the meaning of life?")

    assert said["output"].startswith(
        "The bank has 35 customers in Dublin.\n\n\u201cWhat is the mean"
    )
    assert said["citations"] == []


async def test_two_rules_and_a_figure_are_answered_in_their_order(
    client: httpx.AsyncClient,
) -> None:
    text = f"{RULE} How many customers live in Dublin, and what is the meaning of life?"

    said = await ask(client, text)
    parts = said["output"].split("\n\n")
    assert len(parts) == 3, said["output"]

    assert "12 EUR" in parts[0]
    assert parts[1] == "The bank has 35 customers in Dublin."
    assert parts[2].startswith("\u201cWhat is the meaning of life?\u201d")


async def test_each_of_several_changes_is_approved_by_itself(client: httpx.AsyncClient) -> None:
    said = await ask(client, "Block card 50003 and card 50004.")
    first, run = said["approval"], said["approval"]["run_id"]

    await client.post(f"/v1/approvals/{first['id']}", json={"decision": "approve"})
    second = await next_approval(client, run, first["id"])
    await client.post(f"/v1/approvals/{second['id']}", json={"decision": "reject"})
    state = await over(client, run)

    assert "change 1 of 2" in said["output"]
    assert ("50003" in str(first["arguments"]), "50004" in str(second["arguments"])) == (True, True)
    assert state["answer"]["output"].startswith("Card 50003 is blocked. That was not done:")


async def next_approval(client: httpx.AsyncClient, run: str, before: str) -> dict[str, Any]:
    """What the run waits for after an approval that was decided."""
    for _ in range(1000):
        state = (await client.get(f"/v1/runs/{run}")).json()
        waiting: dict[str, Any] = (state["answer"] or {}).get("approval") or {}
        if state["status"] == "waiting" and waiting.get("id", before) != before:
            return waiting
        await asyncio.sleep(0.02)
    raise AssertionError("the run does not wait again")


@pytest.mark.parametrize(("text", "route"), [(FIGURE, "agent"), (RULE, "rag")])
async def test_a_question_of_one_kind_is_answered_as_ever(
    client: httpx.AsyncClient, text: str, route: str
) -> None:
    said = await ask(client, text)

    assert (said["route"], said["plan"]) == (route, None)


async def test_a_route_that_was_chosen_is_kept(client: httpx.AsyncClient) -> None:
    assert (await ask(client, BOTH, route="rag"))["route"] == "rag"


async def test_a_caller_may_name_the_plan(client: httpx.AsyncClient) -> None:
    said = await ask(client, FIGURE, plan="everything_about")

    assert (said["route"], said["plan"]) == ("plan", "everything_about")
    assert "35" in said["output"]


async def test_a_plan_that_does_not_exist_is_the_callers_mistake(client: httpx.AsyncClient) -> None:
    body = {"input": BOTH, "plan": "world_peace"}

    response = await client.post("/v1/assistant/generate", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "plan"
    message = response.json()["error"]["message"]
    assert "everything_about" in message
    assert SUPERVISOR in message
    assert "world_peace" not in message


async def test_a_plan_and_a_route_together_are_refused(client: httpx.AsyncClient) -> None:
    body = {"input": BOTH, "plan": SUPERVISOR, "route": "rag"}

    response = await client.post("/v1/assistant/generate", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "route"


async def test_steps_stream_as_they_happen_and_then_the_merged_text(
    client: httpx.AsyncClient,
) -> None:
    body = {"input": BOTH, "stream": True}

    response = await client.post("/v1/assistant/generate", json=body)

    events = parse_events(response.content)
    names = [name for name, _ in events]
    assert (names[0], names[-1]) == ("step", "done")
    assert set(names) == {"step", "token", "citation", "done"}
    text = "".join(data["text"] for name, data in events if name == "token")
    done = events[-1][1]
    assert done["output"] == text
    assert (done["route"], done["plan"]) == ("plan", SUPERVISOR)


async def test_a_branch_that_would_change_something_has_the_plan_wait(
    client: httpx.AsyncClient,
) -> None:
    said = await ask(client, "Block card 50018, and what does it cost to replace a lost card?")

    assert (said["finish_reason"], said["approval"]["tool"]) == ("approval", "block_card")
    approval, run = said["approval"]["id"], said["approval"]["run_id"]
    decided = await client.post(
        f"/v1/approvals/{approval}", json={"decision": "reject", "comment": "not this one"}
    )
    assert decided.status_code == 200, decided.text
    state = await over(client, run)
    assert state["answer"]["plan"] == SUPERVISOR
    refused = "That was not done: the person who had to approve this refused it, and that is final"
    assert state["answer"]["output"].startswith(f"{refused}. The reason given: not this one.")
    assert "12 EUR" in state["answer"]["output"]


async def test_a_durable_plan_is_told_by_its_run(client: httpx.AsyncClient) -> None:
    said = await ask(client, BOTH, durable=True)

    assert (said["route"], said["plan"]) == ("plan", SUPERVISOR)


async def test_the_time_of_every_node_is_measured(client: httpx.AsyncClient) -> None:
    await ask(client, BOTH)

    metrics = (await client.get("/metrics")).text
    assert 'genai_step_seconds_count{replica="here",step="plan.supervisor"} 1.0' in metrics


async def test_an_operator_may_give_a_route_to_a_plan(
    redis_socket: Path, redis_client: Redis, tmp_path: Path
) -> None:
    settings = whole_settings(tmp_path, redis_socket)
    routed = settings.routing.model_copy(update={"plans": {"agent": "figures"}})
    async with whole_app(settings.model_copy(update={"routing": routed})) as app:
        key = await app.new_key("acme", "ada")
        transport = httpx.ASGITransport(app.http)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://t", headers={"Authorization": f"Bearer {key}"}
        ) as client:
            said = await ask(client, FIGURE)

    assert (said["route"], said["plan"]) == ("plan", "figures")
    assert [step["tool"] for step in said["steps"]] == ["sql"]


async def test_the_field_is_documented(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    schemas = document["components"]["schemas"]
    assert "plan" in schemas["GenerateBody"]["properties"]
    assert "plan" in schemas["GeneratedAnswer"]["properties"]
