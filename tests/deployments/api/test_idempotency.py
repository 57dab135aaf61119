import httpx
import pytest

from genai.errors import BackendFailed, Overloaded
from tests.support.services import Fakes

PATH = "/v1/assistant/generate"
KEYED = {"Idempotency-Key": "k-1"}


async def test_the_same_request_is_carried_out_once(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    first = await client.post(PATH, json={"input": "hi"}, headers=KEYED)
    second = await client.post(PATH, json={"input": "hi"}, headers=KEYED)

    assert first.content == second.content
    assert second.headers["x-idempotent-replay"] == "true"
    assert len(fakes.assistant.questions) == len(fakes.admission.settled) == 1


async def test_a_status_is_repeated_too(client: httpx.AsyncClient) -> None:
    body = {"title": "t", "text": "x"}
    first = await client.post("/v1/documents", json=body, headers=KEYED)
    second = await client.post("/v1/documents", json=body, headers=KEYED)

    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"]


async def test_a_failed_request_may_be_tried_again(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.assistant.error = Overloaded("busy")
    failed = await client.post(PATH, json={"input": "hi"}, headers=KEYED)
    fakes.assistant.error = None
    retried = await client.post(PATH, json={"input": "hi"}, headers=KEYED)

    assert (failed.status_code, retried.status_code) == (503, 200)


async def test_another_body_under_the_same_key_is_refused(client: httpx.AsyncClient) -> None:
    await client.post(PATH, json={"input": "hi"}, headers=KEYED)
    response = await client.post(PATH, json={"input": "ho"}, headers=KEYED)

    assert response.status_code == 400


async def test_keys_of_other_tenants_are_other_keys(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    await client.post(PATH, json={"input": "hi"}, headers=KEYED)
    other = {**KEYED, "Authorization": "Bearer sk-other"}
    await client.post(PATH, json={"input": "hi"}, headers=other)

    assert len(fakes.assistant.questions) == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
async def test_a_key_must_be_plain(client: httpx.AsyncClient, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    response = await client.post(PATH, json={"input": "hi"}, headers=headers)  # type: ignore[arg-type]

    assert response.status_code == 400


@pytest.mark.parametrize("second", ["k-1", "k-2"])
async def test_a_request_with_two_keys_is_refused(
    client: httpx.AsyncClient, fakes: Fakes, second: str
) -> None:
    keys = [("Idempotency-Key", "k-1"), ("Idempotency-Key", second)]
    response = await client.post(PATH, json={"input": "hi"}, headers=keys)

    assert response.status_code == 400
    assert response.json()["error"]["message"] == "Idempotency-Key must be given once"
    assert not fakes.assistant.questions


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PATH, {"input": "hi", "stream": True}),
        (
            "/v1/chat/completions",
            {"model": "bank", "messages": [{"role": "user", "content": "hi"}], "stream": True},
        ),
    ],
)
async def test_a_stream_is_repeated_whole(
    client: httpx.AsyncClient, fakes: Fakes, path: str, body: dict[str, object]
) -> None:
    first = await client.post(path, json=body, headers=KEYED)
    second = await client.post(path, json=body, headers=KEYED)

    assert first.content == second.content
    assert first.headers["content-type"] == second.headers["content-type"]
    assert len(fakes.admission.settled) == 1


async def test_a_stream_that_broke_may_be_tried_again(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    body = {"input": "hi", "stream": True}
    fakes.assistant.error, fakes.assistant.error_after = BackendFailed("broken"), 1
    broken = await client.post(PATH, json=body, headers=KEYED)
    fakes.assistant.error = None
    retried = await client.post(PATH, json=body, headers=KEYED)

    assert "event: error" in broken.text
    assert "event: done" in retried.text


async def test_what_a_dead_process_had_set_aside_is_set_free(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    await client.post(PATH, json={"input": "hi"}, headers=KEYED)
    assert fakes.admission.released == []
    fakes.idempotency.abandoned_permit = "permit-0"

    await client.post(PATH, json={"input": "hi"}, headers={"Idempotency-Key": "k-2"})

    assert fakes.admission.released == ["permit-0"]
