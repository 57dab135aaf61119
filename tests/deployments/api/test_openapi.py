import re
import subprocess
import sys

import httpx
import jsonschema
import pytest

from deployments.api.app import ROUTES
from tests.support.services import WAITING, Fakes


async def test_every_operation_is_documented_with_its_schemas(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    for route in ROUTES:
        operation = paths[route.path][route.method.lower()]
        assert operation["security"] == [{"HTTPBearer": []}]
        assert operation["description"]
        assert ("requestBody" in operation) == (route.body is not None)
        answer = operation["responses"][str(route.status)]["content"]
        assert "$ref" in answer["application/json"]["schema"]
        assert ("text/event-stream" in answer) == route.streams
        assert {"4XX", "5XX"} <= operation["responses"].keys()
    assert {"/healthz", "/readyz", "/metrics"} <= paths.keys()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/assistant/generate", {"input": "hi"}),
        (
            "/v1/chat/completions",
            {"model": "assistant", "messages": [{"role": "user", "content": "hi"}]},
        ),
        ("/v1/embeddings", {"model": "all-MiniLM-L6-v2", "input": "hi"}),
        ("/v1/documents", {"title": "t", "text": "x"}),
        ("/v1/feedback", {"answer_id": "ans_1", "rating": "up"}),
    ],
)
async def test_answers_and_errors_are_what_the_document_promises(
    client: httpx.AsyncClient, fakes: Fakes, path: str, body: dict[str, object]
) -> None:
    document = (await client.get("/openapi.json")).json()
    responses = document["paths"][path]["post"]["responses"]

    if "answer_id" in body:
        body = {**body, "answer_id": fakes.answer_id()}
    for sent in (body, {**body, "surprise": 1}):
        response = await client.post(path, json=sent)
        documented = responses.get(str(response.status_code), responses["4XX"])
        schema = documented["content"]["application/json"]["schema"]
        jsonschema.validate(response.json(), {**schema, "components": document["components"]})


@pytest.mark.parametrize("route", [r for r in ROUTES if r.body], ids=lambda route: route.path)
async def test_bodies_have_examples_that_are_accepted(
    client: httpx.AsyncClient, fakes: Fakes, route: object
) -> None:
    schema = route.body.model_json_schema()  # type: ignore[attr-defined]

    for example in schema["examples"]:
        if "answer_id" in example:
            example = {**example, "answer_id": fakes.answer_id()}
        path = route.path.replace("{approval_id}", WAITING.request.id)  # type: ignore[attr-defined]
        response = await client.post(path, json=example)
        assert response.status_code < 300, response.text


async def test_the_documentation_page_needs_nothing_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/docs")).text
    needed = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert any("swagger" in url for url in needed)
    assert all(url.startswith("/") for url in needed)
    assert [(await client.get(url)).status_code for url in needed] == [200] * len(needed)


def test_the_http_face_needs_no_ray() -> None:
    code = "import sys, deployments.api.app; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
