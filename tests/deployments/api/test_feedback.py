import json

import httpx
import openai
import pytest

from tests.support.services import Fakes


async def test_feedback_is_kept_with_who_gave_it(client: httpx.AsyncClient, fakes: Fakes) -> None:
    answer_id = (await client.post("/v1/assistant/generate", json={"input": "hi"})).json()["id"]
    body = {"answer_id": answer_id, "rating": "down", "comment": "wrong fee"}
    response = await client.post("/v1/feedback", json=body)

    tenant, user, feedback = fakes.feedback.given[0]
    assert response.status_code == 201
    assert response.json() == {"id": feedback.id, "answer_id": answer_id, "rating": "down"}
    assert (tenant, user, feedback.comment) == ("bank", "ada", "wrong fee")


async def test_every_kind_of_answer_can_be_judged(
    client: httpx.AsyncClient, sdk: openai.AsyncOpenAI
) -> None:
    said = await client.post("/v1/assistant/generate", json={"input": "hi", "stream": True})
    ids = [json.loads(said.text.rpartition("event: done\ndata: ")[2])["id"]]
    for model in ("assistant", "bank"):
        whole = await sdk.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "hi"}]
        )
        parts = await sdk.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "hi"}], stream=True
        )
        ids += [whole.id, *{part.id async for part in parts}]

    assert len(ids) == 5
    for answer_id in ids:
        given = await client.post("/v1/feedback", json={"answer_id": answer_id, "rating": "up"})
        assert given.status_code == 201


@pytest.mark.parametrize("made_up", ["ans_1", "ans_1.", ".", "ans_1.{proof}0", "ans_2.{proof}"])
async def test_an_answer_that_nobody_got_is_not_found(
    client: httpx.AsyncClient, fakes: Fakes, made_up: str
) -> None:
    proof = fakes.answer_id().rpartition(".")[2]
    body = {"answer_id": made_up.format(proof=proof), "rating": "up"}

    response = await client.post("/v1/feedback", json=body)

    assert response.status_code == (400 if made_up == "." else 404)
    assert fakes.feedback.given == []


@pytest.mark.parametrize("key", ["sk-other", "sk-user"])
async def test_an_answer_of_somebody_else_is_not_found(
    client: httpx.AsyncClient, fakes: Fakes, key: str
) -> None:
    body = {"answer_id": fakes.answer_id(), "rating": "up"}

    response = await client.post(
        "/v1/feedback", json=body, headers={"Authorization": f"Bearer {key}"}
    )

    assert response.status_code == 404
    assert fakes.feedback.given == []


@pytest.mark.parametrize(
    "change",
    [{"rating": None}, {"answer_id": "ans 1"}, {"rating": "great"}, {"comment": "x" * 5000}],
)
async def test_bad_feedback_is_refused(
    client: httpx.AsyncClient, fakes: Fakes, change: dict[str, str]
) -> None:
    body = {"answer_id": fakes.answer_id(), "rating": "up", **change}

    assert (await client.post("/v1/feedback", json=body)).status_code == 400
