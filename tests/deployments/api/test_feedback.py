import httpx
import pytest

from tests.support.services import Fakes


async def test_feedback_is_kept_with_who_gave_it(client: httpx.AsyncClient, fakes: Fakes) -> None:
    body = {"answer_id": "ans_1", "rating": "down", "comment": "wrong fee"}
    response = await client.post("/v1/feedback", json=body)

    tenant, user, feedback = fakes.feedback.given[0]
    assert response.status_code == 201
    assert response.json() == {"id": feedback.id, "answer_id": "ans_1", "rating": "down"}
    assert (tenant, user, feedback.comment) == ("bank", "ada", "wrong fee")


@pytest.mark.parametrize(
    "body",
    [
        {"answer_id": "ans_1"},
        {"answer_id": "ans 1", "rating": "up"},
        {"answer_id": "ans_1", "rating": "great"},
        {"answer_id": "ans_1", "rating": "up", "comment": "x" * 5000},
    ],
)
async def test_bad_feedback_is_refused(client: httpx.AsyncClient, body: dict[str, str]) -> None:
    assert (await client.post("/v1/feedback", json=body)).status_code == 400
