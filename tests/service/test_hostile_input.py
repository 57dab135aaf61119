"""Whatever is sent: a clear refusal in the one error shape, and nothing of ours or theirs in it."""

import httpx
import pytest

from tests.support.running_service import Service

MARK = "zq9planted"

BODIES = {
    "not JSON": b"{" + MARK.encode(),
    "a list": b"[1, 2]",
    "wrong types": f'{{"input": 12, "session_id": ["{MARK}"]}}'.encode(),
    "a lone surrogate": b'{"input": "\\ud800 ' + MARK.encode() + b'"}',
    "not a number": b'{"input": "hi", "temperature": NaN}',
    "infinite": b'{"input": "hi", "temperature": 1e400}',
    "an unknown field": f'{{"input": "hi", "{MARK}": 1}}'.encode(),
    "an empty question": b'{"input": ""}',
    "blanks only": b'{"input": "  \\n "}',
    "too deep": b'{"input": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "ten megabytes": b'{"input": "' + b"a" * 10_000_000 + b'"}',
    "not UTF-8": b'{"input": "\xff\xfe"}',
    "the same key twice": b'{"input": "a", "input": "b"}',
    "a null character": b'{"input": "a\\u0000b"}',
    "a huge number": b'{"input": "hi", "max_tokens": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v1/assistant/generate", "/v1/chat/completions"])
def test_bad_input_is_refused_in_the_one_error_shape(
    service: Service, path: str, name: str
) -> None:
    headers = service.headers | {"Content-Type": "application/json"}

    refused = httpx.post(f"{service.url}{path}", headers=headers, content=BODIES[name], timeout=60)

    assert 400 <= refused.status_code < 500, refused.text[:300]
    error = refused.json()["error"]
    assert error["code"]
    assert error["message"]
    assert error["request_id"]
    for leaked in (MARK, "Traceback", "/site-packages/", "pydantic"):
        assert leaked not in refused.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/v1/models", 405), ("GET", "/v1/models/none", 404)],
)
def test_paths_that_are_not_there_answer_in_the_same_shape(
    service: Service, method: str, path: str, status: int
) -> None:
    refused = httpx.request(method, f"{service.url}{path}", headers=service.headers)

    assert refused.status_code == status
    assert refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "key", ["", "Bearer", "Bearer gaf_x_y", "Basic YTpi", "Bearer " + "x" * 5000]
)
def test_without_a_valid_key_nobody_gets_in(service: Service, key: str) -> None:
    refused = httpx.get(f"{service.url}/v1/models", headers={"Authorization": key} if key else {})

    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "invalid_api_key"
