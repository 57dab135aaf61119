import json
from contextlib import suppress

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.api.body import MAX_DEPTH, parse
from deployments.api.generate import GenerateBody
from genai.errors import InvalidInput
from tests.support.asgi import Exchange
from tests.support.services import Fakes

PATH = "/v1/assistant/generate"
LIMIT = 1_000_000


def nested(depth: int) -> bytes:
    return b'{"input": "x", "metadata": ' + b"[" * depth + b"]" * depth + b"}"


HOSTILE = {
    "empty": b"",
    "blank": b"  ",
    "not JSON": b"input=hello",
    "cut off": b'{"input": "x"',
    "trailing text": b'{"input": "x"} {}',
    "an array": b'["x"]',
    "a string": b'"x"',
    "null": b"null",
    "NaN": b'{"input": "x", "temperature": NaN}',
    "infinity": b'{"input": "x", "temperature": Infinity}',
    "a number beyond floats": b'{"input": "x", "temperature": 1e400}',
    "NaN in a wrong field": b'{"input": NaN}',
    "5,000 digits": b'{"input": "x", "max_tokens": ' + b"1" * 5000 + b"}",
    "lone surrogate": rb'{"input": "\ud800"}',
    "lone surrogate as key": rb'{"input": "x", "\udfff": 1}',
    "lone surrogate in a wrong field": rb'{"input": ["\ud800"]}',
    "NUL": rb'{"input": "a\u0000b"}',
    "NUL in a key": rb'{"input": "x", "metadata": {"a\u0000": "b"}}',
    "raw control character": b'{"input": "a\nb"}',
    "invalid UTF-8": b'{"input": "\xff\xfe"}',
    "overlong UTF-8": b'{"input": "\xc0\xaf"}',
    "byte order mark": b'\xef\xbb\xbf{"input": "x"}',
    "UTF-16": '{"input": "x"}'.encode("utf-16"),
    "repeated key": b'{"input": "x", "input": "y"}',
    "repeated key, spelt in two ways": rb'{"input": "x", "\u0069nput": "y"}',
    "repeated key inside": b'{"input": "x", "metadata": {"a": "b", "a": "c"}}',
    "too deep": nested(MAX_DEPTH),
    "far too deep": nested(100_000),
    "too many objects": b'{"input": [' + b"{}," * 300_000 + b"{}]}",
    "too many keys": json.dumps(dict.fromkeys(map(str, range(60_000)), 1)).encode(),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_no_body_breaks_the_server(
    client: httpx.AsyncClient, fakes: Fakes, body: bytes
) -> None:
    headers = {"content-type": "application/json"}
    response = await client.post(PATH, content=body, headers=headers)

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert fakes.assistant.questions == []


def test_depth_is_counted_exactly() -> None:
    inner = MAX_DEPTH - 1  # the body itself is the first level
    with pytest.raises(InvalidInput, match="metadata"):
        parse(nested(inner), GenerateBody)
    with pytest.raises(InvalidInput, match="levels deep"):
        parse(nested(inner + 1), GenerateBody)


async def test_an_escaped_backslash_before_u0000_is_no_nul(client: httpx.AsyncClient) -> None:
    response = await client.post(PATH, json={"input": r"what is \u0000?"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
        ({"content-type": "application/json", "content-length": str(LIMIT + 1)}, 413),
        ({"content-type": "application/json", "content-length": "9" * 400}, 413),
        ({"content-type": "Application/JSON; charset=UTF-8"}, 200),
        ({"content-type": "application/json", "content-encoding": "identity"}, 200),
    ],
)
async def test_headers_say_what_the_body_must_be(
    app: FastAPI, headers: dict[str, str], status: int
) -> None:
    exchange = Exchange(app, PATH, b'{"input": "x"}', headers=headers)
    await exchange.finished()

    assert exchange.status == status
    assert exchange.asked_for == (1 if status == 200 else 0)


async def test_a_body_without_length_is_cut_off_at_the_limit(app: FastAPI) -> None:
    exchange = Exchange(app, PATH, [b" " * 65_536] * 200)
    await exchange.finished()

    assert exchange.status == 413
    assert exchange.asked_for == LIMIT // 65_536 + 1


async def test_a_body_may_come_in_parts(app: FastAPI) -> None:
    exchange = Exchange(app, PATH, [b'{"inp', b'ut": ', b"", b'"x"}'])
    await exchange.finished()

    assert exchange.status == 200


async def test_a_client_that_leaves_within_its_body_gets_nothing(
    app: FastAPI, fakes: Fakes
) -> None:
    exchange = Exchange(app, PATH, [])
    exchange.leave()
    await exchange.finished()

    assert exchange.messages == []
    assert fakes.recorder.requests[-1]["status"] == 499


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_body_is_parsed_or_refused_and_nothing_else(raw: bytes) -> None:
    with suppress(InvalidInput):
        assert parse(raw, GenerateBody).input.strip()
