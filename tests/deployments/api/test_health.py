import asyncio

import httpx
import pytest
from fastapi import FastAPI

from deployments.api import health
from deployments.api.app import build_http_app
from tests.support.services import Fakes


@pytest.fixture
async def anybody(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_probes_need_no_key(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/healthz")).json() == {"status": "ok"}
    assert (await anybody.get("/readyz")).json() == {"status": "ready"}
    metrics = await anybody.get("/metrics")
    assert metrics.text == "genai_requests_total 1\n"
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")


async def test_a_load_balancer_may_ask_for_the_status_alone(
    anybody: httpx.AsyncClient, fakes: Fakes
) -> None:
    assert (await anybody.head("/healthz")).status_code == 200
    assert (await anybody.head("/readyz")).status_code == 200
    fakes.failing["redis"] = "refused"
    assert (await anybody.head("/readyz")).status_code == 503
    assert (await anybody.post("/readyz")).headers["allow"] == "GET, HEAD"


async def test_a_failing_dependency_is_named_without_its_details(
    anybody: httpx.AsyncClient, fakes: Fakes
) -> None:
    fakes.failing["redis"] = "connection to 10.0.0.1 refused"

    response = await anybody.get("/readyz")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["error"]["message"] == "not ready: redis"
    assert (await anybody.get("/healthz")).status_code == 200


async def test_a_dependency_that_hangs_is_not_waited_for(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(_: Fakes) -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr(health, "READY_WITHIN_S", 0.01)
    monkeypatch.setattr(Fakes, "readiness", hangs)
    transport = httpx.ASGITransport(build_http_app(fakes.services()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/readyz")).status_code == 503


async def test_a_readiness_check_that_crashes_is_an_error_in_our_shape(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crashes(_: Fakes) -> dict[str, str]:
        raise ValueError("secret")

    monkeypatch.setattr(Fakes, "readiness", crashes)
    transport = httpx.ASGITransport(build_http_app(fakes.services()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/readyz")
    assert response.status_code == 500
    assert "secret" not in response.text
