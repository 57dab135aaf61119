import httpx
import pytest


async def test_usage_is_counted_in_tokens_and_dollars(client: httpx.AsyncClient) -> None:
    report = (await client.get("/v1/usage?days=7")).json()

    assert report["total_cost_usd"] == 1.5
    row = report["data"][0]
    assert (row["requests"], row["total_tokens"], row["cost_usd"]) == (7, 15, 1.5)


async def test_a_plain_user_sees_only_its_own(client: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer sk-user"}
    report = (await client.get("/v1/usage", headers=headers)).json()

    assert report["data"][0]["model"] == "eve"  # the stand-in names the user whose share it gives


@pytest.mark.parametrize("days", ["0", "-1", "367", "x", "1e3", "", "9" * 30, "%00", "²"])
async def test_days_must_be_a_sensible_number(client: httpx.AsyncClient, days: str) -> None:
    response = await client.get(f"/v1/usage?days={days}")

    assert response.status_code == 400


@pytest.mark.parametrize(
    "query", ["dys=7", "from=2026-01-01&to=2026-02-01", "days=7&hunter2", "Days=7"]
)
async def test_an_unknown_parameter_is_refused_with_those_that_there_are(
    client: httpx.AsyncClient, query: str
) -> None:
    response = await client.get(f"/v1/usage?{query}")

    assert response.status_code == 400
    told = "the query string of this path takes no parameters but days"
    assert response.json()["error"]["message"] == told


@pytest.mark.parametrize("query", ["days=7&days=7", "days=7&days=30", "days=&days=7"])
async def test_a_parameter_given_twice_is_refused(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/v1/usage?{query}")

    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["message"], error["param"]) == ("days must be given once", "days")


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/models"])
async def test_a_path_without_parameters_refuses_all(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(f"{path}?limit=5")

    assert response.status_code == 400
    assert (
        response.json()["error"]["message"] == "the query string of this path takes no parameters"
    )
