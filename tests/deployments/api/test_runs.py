"""Runs and their approvals over HTTP, with everything behind it but the model."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from redis.asyncio import Redis

from deployments.api.app import build_http_app
from genai.access.principal import KeyLimits
from tests.support.agents import CannedLLM, LookupTool
from tests.support.asgi import Exchange
from tests.support.running import async_idle, is_busy
from tests.support.runs import ChangeTool, RunWorker, answer, call, open_worker, run_settings
from tests.support.services import Fakes

ASK = {"input": "Block card 7", "route": "agent", "durable": True}


@dataclass
class Bank:
    app: Any
    worker: RunWorker
    tool: ChangeTool
    keys: dict[str, str]

    async def send(self, method: str, path: str, who: str = "ann", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[who]}"} | more.pop("headers", {})
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers, **more)

    async def ask(self, **changes: Any) -> httpx.Response:
        return await self.send("POST", "/v1/assistant/generate", json=ASK | changes)

    async def events(self, run_id: str, after: int | None = None) -> bytes:
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        return (await self.send("GET", f"/v1/runs/{run_id}/events", headers=headers)).content

    async def decide(
        self, approval_id: str, decision: str = "approve", **headers: str
    ) -> httpx.Response:
        path, body = f"/v1/approvals/{approval_id}", {"decision": decision}
        return await self.send("POST", path, "boss", json=body, headers=headers)


@pytest.fixture
async def bank(redis_socket: Path, redis_client: Redis, tmp_path: Path) -> AsyncIterator[Bank]:
    settings = run_settings(redis_socket, tmp_path)
    tool = ChangeTool()
    llm = CannedLLM(call("lookup", key="a"), call("block", card=7), answer("It is blocked now."))
    worker = open_worker(settings, llm, [tool, LookupTool({"a": "the card is 7"})])
    fakes = Fakes(settings=settings)
    fakes.keys, fakes.admission = worker.state.keys, worker.state.admission  # type: ignore[assignment]
    fakes.idempotency = worker.state.idempotency  # type: ignore[assignment]
    fakes.runner, fakes.runs = worker.runner, worker.reader  # type: ignore[assignment]
    fakes.approvals, fakes.assistant = worker.approvals, worker.assistant  # type: ignore[assignment]
    keys = {
        "ann": (await worker.state.keys.async_create("bank", "ann"))[0],
        "boss": (await worker.state.keys.async_create("bank", "boss", roles=("operator",)))[0],
    }
    yield Bank(build_http_app(fakes.services()), worker, tool, keys)
    await worker.close()


def parsed(stream: bytes) -> list[tuple[int, str, Any]]:
    events = []
    for block in stream.decode().strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((int(fields["id"]), fields["event"], orjson.loads(fields["data"])))
    return events


async def test_a_stream_cut_behind_any_event_goes_on_with_the_same_bytes(bank: Bank) -> None:
    begun = (await bank.ask(stream=True)).content
    [(_, _, named), *_] = parsed(begun)
    approval = next(data for _, kind, data in parsed(begun) if kind == "approval")
    assert (await bank.decide(approval["id"])).status_code == 200
    await async_idle(bank.worker.runner)

    whole = await bank.events(named["run_id"])
    blocks = [block + b"\n\n" for block in whole.split(b"\n\n") if block]

    assert whole.startswith(begun)
    assert next(kind for _, kind, _ in parsed(whole)) == "run"
    assert [kind for _, kind, _ in parsed(whole)][-1] == "done"
    assert parsed(whole)[-1][2]["output"].strip() == "It is blocked now."
    assert parsed(whole)[-1][2]["run_id"] == named["run_id"]
    for cut in range(len(blocks) + 1):
        assert await bank.events(named["run_id"], cut) == b"".join(blocks[cut:])
    assert bank.tool.done == [7]


async def test_who_leaves_finds_the_run_finished_later(bank: Bank) -> None:
    body = orjson.dumps(ASK | {"stream": True})
    headers = {"authorization": f"Bearer {bank.keys['ann']}"}
    exchange = Exchange(bank.app, "/v1/assistant/generate", body, headers=headers)
    await exchange.some_output()
    exchange.leave()
    await exchange.finished()
    run_id = parsed(exchange.writes[0])[0][2]["run_id"]
    await async_idle(bank.worker.runner)

    run = (await bank.send("GET", f"/v1/runs/{run_id}")).json()

    assert run["status"] == "waiting"
    await bank.decide(run["approval_id"])
    await async_idle(bank.worker.runner)
    run = (await bank.send("GET", f"/v1/runs/{run_id}")).json()
    assert (run["status"], run["answer"]["output"].strip()) == ("done", "It is blocked now.")
    assert [step["tool"] for step in run["answer"]["steps"]] == ["lookup", "block"]
    assert run["error"] is None


async def test_an_answer_that_waits_says_for_what(bank: Bank) -> None:
    told = (await bank.ask(metadata={"ticket": "1"})).json()

    assert told["run_id"] == told["approval"]["run_id"]
    assert told["finish_reason"] == "approval"
    assert told["metadata"] == {"ticket": "1"}
    assert told["approval"]["tool"] == "block"
    shown = await bank.send("GET", f"/v1/approvals/{told['approval']['id']}", "boss")
    assert shown.json()["arguments"] == {"card": 7}
    assert shown.json()["status"] == "pending"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat_that_waits_says_for_what_too(bank: Bank, stream: bool) -> None:
    asked = {"model": "assistant", "messages": [{"role": "user", "content": "Block card 7"}]}

    told = await bank.send("POST", "/v1/chat/completions", json=asked | {"stream": stream})

    parts = [told.json()] if not stream else _data(told.content)
    [approval] = [part["approval"] for part in parts if "approval" in part]
    reasons = [choice["finish_reason"] for part in parts for choice in part["choices"]]
    assert reasons[-1] == "approval"
    assert (await bank.decide(approval["id"])).status_code == 200
    await async_idle(bank.worker.runner)
    run = (await bank.send("GET", f"/v1/runs/{approval['run_id']}")).json()
    assert run["answer"]["output"].strip() == "It is blocked now."


def _data(stream: bytes) -> list[Any]:
    lines = stream.decode().split("\n\n")
    return [orjson.loads(line[6:]) for line in lines if line[6:] not in ("", "[DONE]")]


async def test_a_durable_question_counts_once_and_tells_its_limits(bank: Bank) -> None:
    limits = KeyLimits(concurrent_requests=1, requests_per_minute=2)
    bank.keys["ann"], _ = await bank.worker.state.keys.async_create("bank", "ann", limits=limits)

    said = []
    for _ in range(3):
        said.append(await bank.ask())
        await async_idle(bank.worker.runner)

    assert [answer.status_code for answer in said] == [200, 200, 429]
    left = [answer.headers["x-ratelimit-remaining-requests"] for answer in said]
    assert left == ["1", "0", "0"]


async def test_a_question_that_is_not_durable_waits_and_goes_on_as_well(bank: Bank) -> None:
    told = (await bank.ask(durable=False)).json()

    decided = (await bank.decide(told["approval"]["id"])).json()
    await async_idle(bank.worker.runner)
    run = (await bank.send("GET", f"/v1/runs/{told['approval']['run_id']}")).json()

    assert (decided["status"], decided["approved_arguments"]) == ("approved", {"card": 7})
    assert run["status"] == "done"
    assert bank.tool.done == [7]


async def test_the_same_decision_again_is_no_mistake_and_another_is_a_conflict(
    bank: Bank,
) -> None:
    approval = (await bank.ask()).json()["approval"]["id"]

    statuses = [
        (await bank.decide(approval, decision)).status_code
        for decision in ("approve", "approve", "reject")
    ]
    await async_idle(bank.worker.runner)

    assert statuses == [200, 200, 409]
    assert bank.tool.done == [7]


async def test_the_key_of_one_decision_answers_for_no_other(bank: Bank) -> None:
    approval = (await bank.ask()).json()["approval"]["id"]
    keyed = {"Idempotency-Key": "k-1"}

    decided = [await bank.decide(one, "reject", **keyed) for one in (approval, f"{approval}x")]

    assert [reply.status_code for reply in decided] == [200, 404]


async def test_a_request_sent_again_with_its_key_leads_to_the_same_run(bank: Bank) -> None:
    key = {"Idempotency-Key": "once"}
    replies = await asyncio.gather(
        *(bank.send("POST", "/v1/assistant/generate", json=ASK, headers=key) for _ in range(3))
    )

    assert len({reply.json()["approval"]["run_id"] for reply in replies}) == 1
    assert len(await bank.worker.pending()) == 1


@pytest.mark.parametrize("event_id", ["x", "-1", "1.5", "99999999999", "99"])
async def test_an_event_that_there_is_not_is_a_mistake(bank: Bank, event_id: str) -> None:
    run_id = (await bank.ask()).json()["approval"]["run_id"]

    path, headers = f"/v1/runs/{run_id}/events", {"Last-Event-ID": event_id}
    reply = await bank.send("GET", path, headers=headers)

    assert reply.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "maybe"},
        {"decision": "approve", "arguments": {"card": 8}},
        {"decision": "edit"},
        {"decision": "edit", "arguments": {"card": "8"}},
        {"decision": "reject", "comment": "x" * 501},
        {},
    ],
)
async def test_a_decision_that_is_none_is_refused(bank: Bank, body: dict[str, Any]) -> None:
    approval = (await bank.ask()).json()["approval"]["id"]

    reply = await bank.send("POST", f"/v1/approvals/{approval}", "boss", json=body)

    assert reply.status_code == 400
    assert len(await bank.worker.pending()) == 1


async def test_a_refused_question_makes_no_run(bank: Bank) -> None:
    reply = await bank.ask(input="how to build a bomb")

    assert reply.status_code == 422
    assert not is_busy(bank.worker.runner)
