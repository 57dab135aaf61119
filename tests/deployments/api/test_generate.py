import asyncio

import httpx
import pytest
from fastapi import FastAPI

from genai.errors import (
    BackendFailed,
    BudgetExceeded,
    ContentRefused,
    DeadlineExceeded,
    GenAIError,
    RateLimited,
)
from genai.llms.spent import note_spent
from genai.messages import Usage
from tests.support.asgi import Exchange
from tests.support.services import Fakes
from tests.support.sse import parse_events

PATH = "/v1/assistant/generate"


async def test_an_answer_has_everything_that_the_contract_names(client: httpx.AsyncClient) -> None:
    response = await client.post(PATH, json={"input": "What does a card cost?"})

    answer = response.json()
    assert response.status_code == 200
    assert answer["output"] == "Twelve dollars."
    assert answer["certainty"] == "certain"
    assert answer["citations"][0]["quote"] == "A card costs 12 dollars."
    assert answer["steps"][0]["tool"] == "sql"
    assert answer["safety"][0]["action"] == "allow"
    assert answer["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "total_tokens": 10,
        "cost_usd": 0.00002,
    }
    assert answer["degraded"] is False
    assert {"id", "route", "model", "session_id", "timings_ms"} <= answer.keys()


async def test_the_question_carries_who_asks_and_until_when(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    body = {"input": "hi", "session_id": "s-1", "route": "rag", "timeout_s": 7}
    await client.post(PATH, json=body, headers={"x-request-id": "abc-1"})

    question = fakes.assistant.questions[0]
    assert (question.context.tenant, question.context.user) == ("bank", "ada")
    assert question.context.request_id == "abc-1"
    assert (question.session_id, question.route) == ("s-1", "rag")
    assert 6 < question.context.remaining_s() <= 7


async def test_without_a_session_a_new_one_begins(client: httpx.AsyncClient, fakes: Fakes) -> None:
    first = (await client.post(PATH, json={"input": "hi"})).json()["session_id"]
    second = (await client.post(PATH, json={"input": "hi"})).json()["session_id"]

    assert first == fakes.assistant.questions[0].session_id
    assert first != second


async def test_metadata_comes_back(client: httpx.AsyncClient) -> None:
    response = await client.post(PATH, json={"input": "hi", "metadata": {"ticket": "7"}})

    assert response.json()["metadata"] == {"ticket": "7"}


async def test_a_stream_has_typed_events_and_ends_with_the_whole_answer(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post(PATH, json={"input": "hi", "stream": True})

    events = parse_events(response.content)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert [name for name, _ in events] == ["token", "token", "token", "done"]
    assert "".join(data["text"] for name, data in events if name == "token") == "Twelve dollars."
    assert events[-1][1]["output"] == "Twelve dollars."


async def test_an_error_before_the_first_event_has_its_own_status(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    fakes.assistant.error = ContentRefused("this cannot be answered", "injection:override")

    response = await client.post(PATH, json={"input": "hi", "stream": True})

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "content_refused"
    assert "override" not in response.text


async def test_an_error_within_a_stream_is_its_last_event(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    fakes.assistant.error, fakes.assistant.error_after = BackendFailed("the model failed"), 2

    response = await client.post(PATH, json={"input": "hi", "stream": True})

    events = parse_events(response.content)
    assert [name for name, _ in events] == ["token", "token", "error"]
    assert events[-1][1]["error"]["code"] == "backend_failed"
    assert events[-1][1]["error"]["request_id"] == response.headers["x-request-id"]
    assert fakes.recorder.requests[-1]["status"] == 502


async def test_a_crash_within_a_stream_tells_nothing_about_itself(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    fakes.assistant.error, fakes.assistant.error_after = ValueError("secret /path"), 1

    response = await client.post(PATH, json={"input": "hi", "stream": True})

    assert parse_events(response.content)[-1][1]["error"]["code"] == "internal_error"
    assert "secret" not in response.text


@pytest.mark.parametrize("stream", [False, True])
async def test_work_that_outlives_its_deadline_is_stopped(
    client: httpx.AsyncClient, fakes: Fakes, stream: bool
) -> None:
    fakes.assistant.hold = asyncio.Event()

    body = {"input": "hi", "timeout_s": 0.02, "stream": stream}
    response = await client.post(PATH, json=body)

    assert "deadline_exceeded" in response.text
    assert response.status_code == (200 if stream else 408)
    assert fakes.assistant.cancelled.is_set()


@pytest.mark.parametrize("header", ["x-request-timeout-seconds", "x-request-disconnect-disabled"])
async def test_headers_cannot_move_the_deadline(
    client: httpx.AsyncClient, fakes: Fakes, header: str
) -> None:
    fakes.assistant.hold = asyncio.Event()

    body = {"input": "hi", "timeout_s": 0.02}
    response = await client.post(PATH, json=body, headers={header: "?1"})

    assert response.status_code == 408
    assert response.json()["error"]["code"] == DeadlineExceeded.code


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_that_the_server_cancels_for_a_client_that_left_is_no_error(
    app: FastAPI, fakes: Fakes, stream: bool
) -> None:
    fakes.assistant.hold = asyncio.Event()
    body = b'{"input": "hi", "stream": %b}' % (b"true" if stream else b"false")
    exchange = Exchange(app, PATH, body)
    await fakes.assistant.asked.wait()

    exchange.leave()
    exchange.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exchange.finished()

    assert fakes.recorder.requests[-1]["status"] == 499


async def test_a_client_that_waits_is_told_when_the_server_cancels_the_request(
    app: FastAPI, fakes: Fakes
) -> None:
    fakes.assistant.hold = asyncio.Event()
    exchange = Exchange(app, PATH, b'{"input": "hi"}')
    await fakes.assistant.asked.wait()

    exchange.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exchange.finished()

    assert exchange.status == fakes.recorder.requests[-1]["status"] == 503


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_stops_the_work(
    app: FastAPI, fakes: Fakes, stream: bool
) -> None:
    fakes.assistant.hold = asyncio.Event()
    body = b'{"input": "hi", "stream": %b}' % (b"true" if stream else b"false")
    headers = {"x-request-disconnect-disabled": "?1"}
    exchange = Exchange(app, PATH, body, headers=headers)
    await fakes.assistant.asked.wait()

    exchange.leave()
    await exchange.finished()

    assert fakes.assistant.cancelled.is_set()
    assert fakes.recorder.requests[-1]["status"] == 499
    used = Usage(prompt_tokens=7, completion_tokens=1)
    assert fakes.admission.settled == [used if stream else None]
    assert not any(task is not asyncio.current_task() for task in asyncio.all_tasks())


async def test_what_was_used_is_settled(client: httpx.AsyncClient, fakes: Fakes) -> None:
    await client.post(PATH, json={"input": "hi", "max_tokens": 100})
    await client.post(PATH, json={"input": "hi", "stream": True})

    assert fakes.admission.admitted[0] == ("assistant", 101)
    assert [usage.total_tokens for usage in fakes.admission.settled if usage] == [10, 10]


async def test_over_the_limit_nobody_is_asked(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.admission.error = RateLimited("over the limit", 2.1)

    response = await client.post(PATH, json={"input": "hi"})

    assert response.status_code == 429
    assert response.headers["retry-after"] == "3"
    assert fakes.assistant.questions == []


async def test_over_the_budget_nobody_is_asked(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.admission.error = BudgetExceeded("the budget of this key is used up", 3600.0)

    response = await client.post(PATH, json={"input": "hi"})

    error = response.json()["error"]
    assert response.status_code == 402
    assert (error["code"], error["type"]) == ("budget_exceeded", "insufficient_quota")
    assert response.headers["retry-after"] == "3600"
    assert fakes.assistant.questions == []


async def test_the_work_is_told_how_much_it_may_spend(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    fakes.admission.allowance_micro_usd = 1234

    await client.post(PATH, json={"input": "hi"})

    assert fakes.assistant.questions[0].context.allowance_micro_usd == 1234


@pytest.mark.parametrize(
    ("error", "charged"),
    [
        (ContentRefused("no", "rule"), Usage()),
        (BackendFailed("down"), Usage()),
        (DeadlineExceeded("late"), None),
    ],
)
async def test_a_failure_is_charged_what_it_is_known_to_have_cost(
    client: httpx.AsyncClient, fakes: Fakes, error: GenAIError, charged: Usage | None
) -> None:
    used = Usage(prompt_tokens=5)
    fakes.assistant.error = error
    await client.post(PATH, json={"input": "hi"})
    note_spent(error, used)

    await client.post(PATH, json={"input": "hi"})

    assert fakes.admission.settled == [charged, used]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input"),
        ({"input": ""}, "input"),
        ({"input": " \n\t"}, "input"),
        ({"input": 1}, "input"),
        ({"input": None}, "input"),
        ({"input": "x" * 40_000}, "input"),
        ({"input": "x", "session_id": "a b"}, "session_id"),
        ({"input": "x", "session_id": ""}, "session_id"),
        ({"input": "x", "session_id": "../x"}, "session_id"),
        ({"input": "x", "route": "nowhere"}, "route"),
        ({"input": "x", "stream": "yes"}, "stream"),
        ({"input": "x", "stream": 1}, "stream"),
        ({"input": "x", "max_tokens": 0}, "max_tokens"),
        ({"input": "x", "max_tokens": 1.5}, "max_tokens"),
        ({"input": "x", "max_tokens": True}, "max_tokens"),
        ({"input": "x", "max_tokens": 10**30}, "max_tokens"),
        ({"input": "x", "temperature": 3}, "temperature"),
        ({"input": "x", "timeout_s": 0}, "timeout_s"),
        ({"input": "x", "timeout_s": 1e9}, "timeout_s"),
        ({"input": "x", "metadata": {"a": 1}}, "metadata"),
        ({"input": "x", "tenant": "other"}, None),
        ({"input": "x", "<script>": 1}, None),
    ],
)
async def test_a_bad_field_is_named_and_not_repeated(
    client: httpx.AsyncClient, body: dict[str, object], param: str | None
) -> None:
    response = await client.post(PATH, json=body)

    error = response.json()["error"]
    assert response.status_code == 400
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"
    assert "nowhere" not in response.text
    assert "script" not in response.text
