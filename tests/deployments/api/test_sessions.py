import httpx

from genai.messages import Turn
from tests.support.services import Fakes


async def test_a_session_is_read_and_forgotten(client: httpx.AsyncClient, fakes: Fakes) -> None:
    turns = [Turn(role="user", content="hi", tokens=1, at=1.0)]
    await fakes.memory.async_store("bank", "ada", "s-1", turns)

    read = await client.get("/v1/sessions/s-1")
    deleted = await client.delete("/v1/sessions/s-1")

    assert read.json() == {
        "id": "s-1",
        "turns": [{"role": "user", "content": "hi", "tokens": 1, "at": 1.0}],
    }
    assert deleted.json() == {"id": "s-1", "deleted": True}
    assert (await client.get("/v1/sessions/s-1")).status_code == 404
    assert (await client.delete("/v1/sessions/s-1")).status_code == 404


async def test_a_session_of_another_user_does_not_exist(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    await fakes.memory.async_store("bank", "ada", "s-1", [Turn(role="user", content="hi")])

    headers = {"Authorization": "Bearer sk-user"}
    foreign = await client.get("/v1/sessions/s-1", headers=headers)
    missing = await client.get("/v1/sessions/s-2", headers=headers)

    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["error"]["message"] == missing.json()["error"]["message"]
    assert (await client.delete("/v1/sessions/s-1", headers=headers)).status_code == 404
    assert (await client.get("/v1/sessions/a%20b")).status_code == 400
