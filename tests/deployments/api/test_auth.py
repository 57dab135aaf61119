import httpx
import pytest
from fastapi import FastAPI

from deployments.api.app import ROUTES
from tests.support.asgi import Exchange
from tests.support.services import KEY, Fakes

BAD = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer sk-wrong",
    f"Basic {KEY}",
    KEY,
    f"Bearer {KEY} {KEY}",
    "Bearer ' OR 1=1 --",
    "Bearer " + "x" * 1_000_000,
    "Bearer kéy",
    "Bearer \x00",
]


@pytest.mark.parametrize("given", BAD, ids=lambda given: repr(given)[:24])
async def test_no_valid_key_no_entry(app: FastAPI, fakes: Fakes, given: str) -> None:
    headers = {"authorization": given}
    exchange = Exchange(app, "/v1/assistant/generate", b'{"input": "x"}', headers=headers)
    await exchange.finished()

    assert exchange.status == 401
    assert exchange.asked_for == 0, "the body of a stranger is not read"
    assert b"invalid_api_key" in exchange.body
    assert fakes.assistant.questions == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_operation_asks_for_a_key(client: httpx.AsyncClient, route: object) -> None:
    del client.headers["authorization"]
    path = route.path.replace("{", "").replace("}", "")  # type: ignore[attr-defined]

    response = await client.request(route.method, path)  # type: ignore[attr-defined]

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["error"]["type"] == "authentication_error"


async def test_the_scheme_has_no_case(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/models", headers={"Authorization": f"bearer {KEY}"})

    assert response.status_code == 200
