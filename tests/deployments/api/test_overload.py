import asyncio
import json
from dataclasses import dataclass, field, replace

import pytest
from fastapi import FastAPI

from deployments.api.app import build_http_app
from deployments.edge_overload import PARTS
from genai.access.flows import Path
from genai.settings.access import OverloadSettings
from tests.support.asgi import Exchange
from tests.support.services import Fakes

PATH = "/v1/assistant/generate"
BODY = b'{"input": "hi"}'
FLOOD, SMALL = {"authorization": "Bearer sk-test"}, {"authorization": "Bearer sk-other"}
COLLEAGUE = {"authorization": "Bearer sk-user"}
"""Of the same tenant as `FLOOD`."""


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    overload = OverloadSettings(running=4, waiting=8)
    fakes.settings = fakes.settings.model_copy(update={"overload": overload})
    fakes.assistant.hold = asyncio.Event()
    return fakes


@pytest.fixture
def app(fakes: Fakes) -> FastAPI:
    return build_http_app(fakes.services())


async def send(app: FastAPI, headers: dict[str, str], count: int) -> list[Exchange]:
    sent = [Exchange(app, PATH, BODY, headers=headers) for _ in range(count)]
    for _ in range(20):
        await asyncio.sleep(0)
    return sent


async def test_what_does_not_fit_is_refused_while_the_others_still_run(
    app: FastAPI, fakes: Fakes
) -> None:
    sent = await send(app, FLOOD, 20)

    refused = [exchange for exchange in sent if exchange.task.done()]
    assert len(refused) == 20 - 4 - 4
    assert {exchange.status for exchange in refused} == {503}
    headers = dict(refused[0].messages[0]["headers"])
    assert int(headers[b"retry-after"]) >= 1
    assert json.loads(refused[0].body)["error"]["code"] == "overloaded"
    assert len(fakes.assistant.questions) == 4
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()
    await asyncio.gather(*(exchange.finished() for exchange in sent))
    assert [exchange.status for exchange in sent].count(200) == 8


async def test_a_flood_does_not_starve_another_tenant(app: FastAPI, fakes: Fakes) -> None:
    flood = await send(app, FLOOD, 40)
    small = await send(app, SMALL, 2)

    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()
    await asyncio.gather(*(exchange.finished() for exchange in (*flood, *small)))

    assert [exchange.status for exchange in small] == [200, 200]
    tenants = [question.context.tenant for question in fakes.assistant.questions]
    assert "other" in tenants[4:6]


async def test_a_flood_does_not_starve_another_user_of_the_same_tenant(
    app: FastAPI, fakes: Fakes
) -> None:
    flood = await send(app, FLOOD, 40)
    (colleague,) = await send(app, COLLEAGUE, 1)

    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()
    await asyncio.gather(*(exchange.finished() for exchange in (*flood, colleague)))

    assert colleague.status == 200
    users = [question.context.user for question in fakes.assistant.questions]
    assert users[4] == "eve"
    displaced = [exchange for exchange in flood if exchange.status == 503]
    assert len(displaced) == 40 - 4 - 3
    assert all(b"retry-after" in dict(one.messages[0]["headers"]) for one in displaced)


async def test_who_waits_and_leaves_costs_nothing(app: FastAPI, fakes: Fakes) -> None:
    await send(app, FLOOD, 4)
    (waiting,) = await send(app, FLOOD, 1)

    waiting.leave()
    await waiting.finished()

    assert len(fakes.admission.admitted) == 4
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()


async def test_who_waits_too_long_is_told_so(app: FastAPI, fakes: Fakes) -> None:
    await send(app, FLOOD, 4)

    late = Exchange(app, PATH, b'{"input": "hi", "timeout_s": 0.05}', headers=FLOOD)
    await late.finished()

    assert late.status == 408
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()


async def test_what_needs_no_model_does_not_queue(app: FastAPI, fakes: Fakes) -> None:
    await send(app, FLOOD, 20)

    body = f'{{"answer_id": "{fakes.answer_id()}", "rating": "up"}}'
    feedback = Exchange(app, "/v1/feedback", body.encode())
    await feedback.finished()

    assert feedback.status == 201
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()


async def test_in_a_flood_each_answer_tells_the_edge_how_much_room_there_is(
    app: FastAPI, fakes: Fakes
) -> None:
    sent = await send(app, FLOOD, 20)
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()
    await asyncio.gather(*(exchange.finished() for exchange in sent))

    (after,) = await send(app, FLOOD, 1)
    await after.finished()

    assert room_told(after) == room_told(sent[-1]) == 4


async def test_the_edge_can_tell_that_it_refuses_others(app: FastAPI, fakes: Fakes) -> None:
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()
    (calm,) = await send(app, SMALL, 1)
    (told,) = await send(app, {**SMALL, "x-flood": "1"}, 1)
    await asyncio.gather(calm.finished(), told.finished())

    assert room_told(calm) is None
    assert room_told(told) == 4


@dataclass
class RecordingQueue:
    """A queue with room that records what happens in its slots."""

    seen: list[str] = field(default_factory=list)

    async def async_enter(self, path: Path, tokens: int, kind: str = "") -> "RecordingQueue":
        return self

    def refused_at_edge(self) -> None: ...

    def room(self, path: Path) -> None: ...

    def first_part(self) -> None:
        self.seen.append("first part")

    def release(self, tokens: int | None, *, measured: bool = False) -> None:
        self.seen.append("whole" if measured else "stream")


@pytest.mark.parametrize(
    ("body", "seen"),
    [(b'{"input": "hi", "stream": true}', ["first part", "stream"]), (BODY, ["whole"])],
    ids=["stream", "whole"],
)
async def test_a_stream_tells_when_it_begins_and_a_whole_answer_when_it_ends(
    fakes: Fakes, body: bytes, seen: list[str]
) -> None:
    assert fakes.assistant.hold is not None
    fakes.assistant.hold.set()
    queue = RecordingQueue()
    app = build_http_app(replace(fakes.services(), queue=queue))

    await Exchange(app, PATH, body, headers=SMALL).finished()

    assert queue.seen == seen


def room_told(exchange: Exchange) -> float | None:
    told = dict(exchange.messages[0]["headers"]).get(b"x-room")
    return None if told is None else int(told) / PARTS
