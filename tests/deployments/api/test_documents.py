import httpx
import pytest

from tests.support.services import Fakes

CARD = {"id": "card", "title": "Cards", "text": "A card costs 12 dollars.", "source": "handbook"}


def as_user(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_document_is_stored_listed_and_deleted(client: httpx.AsyncClient) -> None:
    stored = await client.post("/v1/documents", json=CARD)
    listed = (await client.get("/v1/documents")).json()["data"]
    found = await client.get("/v1/documents/card")
    deleted = await client.delete("/v1/documents/card")
    again = await client.delete("/v1/documents/card")

    assert stored.status_code == 201
    assert stored.json() == {"id": "card", "title": "Cards", "source": "handbook"}
    assert listed == [{"id": "card", "title": "Cards", "source": "handbook", "passages": 1}]
    assert found.json() == listed[0]
    assert deleted.json() == {"id": "card", "deleted": True}
    assert again.status_code == 404


async def test_a_document_without_an_id_gets_one(client: httpx.AsyncClient) -> None:
    stored = (await client.post("/v1/documents", json={"title": "t", "text": "x"})).json()

    assert (await client.get(f"/v1/documents/{stored['id']}")).status_code == 200


async def test_another_tenant_sees_nothing(client: httpx.AsyncClient) -> None:
    await client.post("/v1/documents", json=CARD)

    other = as_user("sk-other")
    assert (await client.get("/v1/documents", headers=other)).json()["data"] == []
    assert (await client.get("/v1/documents/card", headers=other)).status_code == 404
    assert (await client.delete("/v1/documents/card", headers=other)).status_code == 404
    assert (await client.get("/v1/documents/card")).status_code == 200


async def test_a_plain_user_may_read_but_not_write(client: httpx.AsyncClient, fakes: Fakes) -> None:
    user = as_user("sk-user")

    assert (await client.get("/v1/documents", headers=user)).status_code == 200
    refused = await client.post("/v1/documents", json=CARD, headers=user)
    assert refused.status_code == 403
    assert refused.json()["error"]["type"] == "permission_error"
    assert (await client.delete("/v1/documents/card", headers=user)).status_code == 403
    assert fakes.documents.stored == {}


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"id": "../../etc"}, "id"),
        ({"id": "a|b"}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"title": " "}, "title"),
        ({"title": "x" * 600}, "title"),
        ({"text": ""}, "text"),
        ({"tenant": "other"}, None),
    ],
)
async def test_bad_documents_are_refused(
    client: httpx.AsyncClient, change: dict[str, str], param: str | None
) -> None:
    response = await client.post("/v1/documents", json={**CARD, **change})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


@pytest.mark.parametrize("path", ["%00", "a%0ab", "a b", "..%2f..", "x" * 200, "é", "*"])
async def test_bad_ids_in_paths_are_refused(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(f"/v1/documents/{path}")

    assert response.status_code in {400, 404}
    assert response.json()["error"]["code"] in {"invalid_input", "unknown_path"}
