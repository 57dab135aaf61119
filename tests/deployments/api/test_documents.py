import base64

import httpx
import pytest

from genai.access.principal import Principal
from genai.rag.base import Document
from genai.rag.permissions import SHARED
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
    anybody: dict[str, list[str]] = {"users": [], "groups": [], "roles": []}
    card = {"id": "card", "title": "Cards", "source": "handbook", "passages": 1}
    assert listed == [card | {"readers": anybody}]
    assert found.json() == listed[0]
    assert deleted.json() == {"id": "card", "deleted": True}
    assert again.status_code == 404


async def test_personal_data_and_secrets_in_a_title_or_source_are_not_shown(
    client: httpx.AsyncClient,
) -> None:
    secret = "ghp_" + "aB3" * 12
    private = CARD | {"title": "Letter of ada@example.net", "source": f"token {secret}"}

    stored = await client.post("/v1/documents", json=private)
    listed = await client.get("/v1/documents")
    found = await client.get("/v1/documents/card")

    for reply in (stored, listed, found):
        assert "ada@" not in reply.text
        assert secret not in reply.text
    assert found.json()["title"] == "Letter of <EMAIL_ADDRESS>"
    assert found.json()["source"] == "<REMOVED>"


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
        ({"title": "Fees\x1b[2J"}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "ends\u2028here"}, "title"),
        ({"title": "fees\u202efdp.exe"}, "title"),
        ({"source": "a\tb"}, "source"),
        ({"groups": ["hr\x07"]}, "groups.0"),
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


async def test_who_may_not_read_a_document_does_not_know_of_it(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    await client.post("/v1/documents", json={**CARD, "groups": ["hr"]})
    await client.post("/v1/documents", json={**CARD, "id": "own", "users": ["eve"]})
    user = as_user("sk-user")

    listed = (await client.get("/v1/documents", headers=user)).json()["data"]
    everything = (await client.get("/v1/documents")).json()["data"]

    assert [document["id"] for document in listed] == ["own"]
    assert (await client.get("/v1/documents/card", headers=user)).status_code == 404
    assert [document["id"] for document in everything] == ["card", "own"]
    fakes.keys.principals["sk-user"] = Principal(
        key_id="key-3", tenant="bank", user="eve", groups=("hr",)
    )
    assert (await client.get("/v1/documents/card", headers=user)).status_code == 200


async def test_a_document_of_the_whole_bank_is_shown_but_is_nobodys_to_delete(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    shared = Document(id="fees", title="Fees of the bank", text="A card costs 12 dollars.")
    await fakes.documents.async_add(SHARED, [shared])

    for key in ("sk-user", "sk-other"):
        found = await client.get("/v1/documents/fees", headers=as_user(key))
        assert found.json()["title"] == "Fees of the bank"
    assert (await client.get("/v1/documents")).json()["data"] == []
    refused = await client.delete("/v1/documents/fees")
    assert refused.status_code == 403
    assert "comes with the service's settings" in refused.json()["error"]["message"]


async def test_the_own_document_comes_before_one_of_the_bank_with_its_id(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    await fakes.documents.async_add(SHARED, [Document(id="card", title="Of the bank", text="x")])
    await client.post("/v1/documents", json=CARD)

    assert (await client.get("/v1/documents/card")).json()["title"] == "Cards"


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "NaN", "1e999", "", "soon"])
async def test_a_form_takes_no_time_that_is_no_number(
    client: httpx.AsyncClient, fakes: Fakes, seconds: str
) -> None:
    file = {"file": ("a.txt", b"Text.")}

    refused = await client.post("/v1/documents", files=file, data={"timeout_s": seconds})

    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "timeout_s"
    assert fakes.documents.stored == {}


async def test_only_roles_that_somebody_can_have_may_read(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    file = {"file": ("a.txt", b"Text.")}

    stored = await client.post("/v1/documents", json={**CARD, "roles": ["auditor", "user"]})
    refused = await client.post("/v1/documents", json={**CARD, "roles": ["user", "nonsense"]})
    form = await client.post("/v1/documents", files=file, data={"roles": ["nonsense"]})

    assert (stored.status_code, refused.status_code, form.status_code) == (201, 400, 400)
    assert "roles" in refused.json()["error"]["param"]
    assert len(fakes.documents.stored) == 1


async def test_a_form_may_name_several_groups(client: httpx.AsyncClient, fakes: Fakes) -> None:
    file = {"file": ("a.txt", b"Text.")}
    await client.post("/v1/documents", files=file, data={"id": "a", "groups": ["hr", "it"]})

    assert fakes.documents.stored["bank", "a"].readers.groups == ("hr", "it")


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def test_a_file_in_base64_is_stored_as_markdown(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    pytest.importorskip("bs4")
    page = in_base64(b"<title>Cards</title><h1>Fees</h1><p hidden>secret</p><p>12 dollars.")
    body = {"id": "card", "content": page, "media_type": "text/html"}

    stored = await client.post("/v1/documents", json=body)

    assert stored.json() == {"id": "card", "title": "Cards", "source": ""}
    assert fakes.documents.stored["bank", "card"].text == "# Fees\n\n12 dollars.\n"


async def test_a_file_in_a_form_is_stored_like_one_in_base64(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    file = {"file": ("fees.csv", b"card,fee\nGold,12\n", "application/octet-stream")}

    stored = await client.post("/v1/documents", files=file, data={"id": "card", "title": "Fees"})

    assert stored.json() == {"id": "card", "title": "Fees", "source": "fees.csv"}
    assert "| Gold | 12 |" in fakes.documents.stored["bank", "card"].text


async def test_a_form_that_is_sent_again_is_the_same_request(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}
    replies = [
        await client.post("/v1/documents", files={"file": ("a.txt", b"Text.")}, headers=headers)
        for _ in range(2)
    ]

    assert replies[0].json() == replies[1].json()
    assert replies[1].headers["x-idempotent-replay"] == "true"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"title": "t"}, 400, None),
        ({"title": "t", "text": "x", "content": "eA=="}, 400, None),
        ({"text": "x"}, 400, "title"),
        ({"content": "eA==", "media_type": "image/png"}, 415, None),
        ({"content": "eA=="}, 415, None),
        ({"content": "not base64!", "media_type": "text/plain"}, 400, "content"),
        ({"content": "eA==", "media_type": "application/pdf"}, 400, "content"),
        ({"content": "", "media_type": "text/plain"}, 400, "content"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(
    client: httpx.AsyncClient, body: dict[str, str], status: int, param: str | None
) -> None:
    response = await client.post("/v1/documents", json=body)

    assert response.status_code == status
    assert response.json()["error"]["param"] == param


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"--b\r\n"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="id"'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\nx\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nx\r\n--b--\r\n',
        ),
    ],
)
async def test_a_broken_form_is_refused(
    client: httpx.AsyncClient, fakes: Fakes, content_type: str, raw: bytes
) -> None:
    headers = {"content-type": content_type}
    response = await client.post("/v1/documents", content=raw, headers=headers)

    assert response.status_code == 400
    assert fakes.documents.stored == {}


async def test_only_documents_may_be_sent_as_a_form(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/feedback", files={"file": ("a.txt", b"Text.")})

    assert response.status_code == 415


async def test_a_file_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/documents", files={"file": ("a.txt", b"x" * 10_000_001)})

    assert response.status_code == 413


async def test_a_replaced_document_keeps_its_readers_unless_others_are_named(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    await client.post("/v1/documents", json={**CARD, "groups": ["hr"]})
    await client.post("/v1/documents", json={**CARD, "title": "New"})
    kept = fakes.documents.stored["bank", CARD["id"]]
    await client.post("/v1/documents", json={**CARD, "users": ["eve"]})
    named = fakes.documents.stored["bank", CARD["id"]].readers
    await client.post("/v1/documents", json={**CARD, "users": []})
    opened = fakes.documents.stored["bank", CARD["id"]].readers

    assert (kept.title, kept.readers.groups) == ("New", ("hr",))
    assert (named.users, named.groups) == (("eve",), ())
    assert opened.anybody
