import httpx
import pytest
from fastapi import FastAPI

from deployments.api.errors import error_headers
from genai.access.limits import LimitState, OverLimit
from tests.support.asgi import Exchange
from tests.support.services import Fakes

FIELDS = {"code", "message", "request_id", "type", "param"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/models/", 404),
        ("GET", "//v1/models", 404),
        ("GET", "/v1/documents/a/b", 404),
        ("POST", "/v1/models", 405),
        ("PUT", "/v1/documents/x", 405),
        ("GET", "/v1/assistant/generate", 405),
        ("OPTIONS", "/v1/models", 405),
        ("TRACE", "/v1/models", 405),
    ],
)
async def test_wrong_paths_and_methods_have_the_one_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)

    assert response.status_code == status
    assert response.json()["error"].keys() == FIELDS
    assert response.json()["error"]["request_id"] == response.headers["x-request-id"]
    assert ("allow" in response.headers) == (status == 405)


async def test_all_methods_of_a_path_are_allowed(client: httpx.AsyncClient) -> None:
    response = await client.put("/v1/documents/x")

    assert response.headers["allow"] == "DELETE, GET"


async def test_a_crash_tells_only_its_request_id(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.assistant.error = ValueError("secret")

    response = await client.post("/v1/assistant/generate", json={"input": "x"})

    error = response.json()["error"]
    assert response.status_code == 500
    assert error.keys() == FIELDS
    assert (error["code"], error["type"]) == ("internal_error", "api_error")
    assert "secret" not in response.text


LIKE_AN_IBAN = "ba82e8e4-27e4-45e7-8d39-bc3eeef7d8d6"


@pytest.mark.parametrize("given", ["abc", "A.b_c-1", "x" * 128, LIKE_AN_IBAN])
async def test_a_harmless_request_id_is_kept(client: httpx.AsyncClient, given: str) -> None:
    response = await client.get("/healthz", headers={"x-request-id": given})

    assert response.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "a\x1b[31m", "a|b", "é", "<x>", "a\tb"])
async def test_a_strange_request_id_is_replaced(app: FastAPI, given: str) -> None:
    exchange = Exchange(app, "/v1/assistant/generate", b"{}", headers={"x-request-id": given})
    await exchange.finished()

    sent = dict(exchange.messages[0]["headers"])[b"x-request-id"]
    assert len(sent) == 32
    assert sent != given.encode()


def test_over_a_limit_the_numbers_are_told() -> None:
    state = LimitState(10, 0, 100, 50, 7.0)

    headers = dict(error_headers(OverLimit("over", 3.2, state)))

    assert headers[b"retry-after"] == b"4"
    assert headers[b"x-ratelimit-remaining-requests"] == b"0"
