"""Whatever is sent, the answer is never a crash, and every error has the one shape."""

import asyncio
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.api.app import ROUTES, build_http_app
from tests.support.asgi import Exchange
from tests.support.services import Fakes

APP = build_http_app(Fakes().services())
FIELDS = {"code", "message", "request_id", "type", "param"}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", " ", "\ud800", "\0", "auto", "user", "\u202e", 10**400, -1, 2**64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FULL: dict[str, dict[str, Any]] = {
    "/v1/assistant/generate": {
        "input": "hi",
        "session_id": "s",
        "route": "rag",
        "stream": False,
        "durable": False,
        "max_tokens": 5,
        "temperature": 0.5,
        "timeout_s": 5,
        "metadata": {"a": "b"},
    },
    "/v1/approvals/{approval_id}": {
        "decision": "edit",
        "arguments": {"card_id": 1},
        "comment": "c",
    },
    "/v1/chat/completions": {
        "model": "bank",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "x"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
        "tool_choice": "auto",
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {"type": "object"}},
        },
        "stop": ["a"],
        "seed": 1,
        "n": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
    },
    "/v1/embeddings": {"model": "all-MiniLM-L6-v2", "input": ["a"], "encoding_format": "base64"},
    "/v1/documents": {"id": "d", "title": "t", "text": "x", "source": "s"},
    "/v1/feedback": {"answer_id": "a", "rating": "up", "comment": "c"},
    "/v1/keys": {
        "user": "ada",
        "roles": ["user"],
        "name": "n",
        "limits": {"requests_per_minute": 1},
        "budget": {"usd_per_day": 1.5},
        "expires_in_s": 60,
    },
    "/v1/budgets": {"scope": "user", "name": "ada", "usd_per_day": 1.5, "usd_per_month": 2},
}


def test_every_body_is_fuzzed() -> None:
    assert FULL.keys() == {route.path for route in ROUTES if route.body}


@pytest.mark.parametrize("path", FULL)
@settings(deadline=None)
@given(data=st.data())
def test_a_body_with_something_wrong_never_breaks_the_server(path: str, data: Any) -> None:
    body = changed(FULL[path], data)

    exchange = asyncio.run(post(path, json.dumps(body).encode()))

    assert exchange.status < 500
    if exchange.status >= 400:
        assert json.loads(exchange.body)["error"].keys() == FIELDS


def changed(body: dict[str, Any], data: Any) -> dict[str, Any]:
    """The body with the value at one random place replaced."""
    whole = copy.deepcopy(body)
    at: Any = whole
    while True:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(VALUES)
            return whole
        at = at[key]


async def post(path: str, raw: bytes) -> Exchange:
    exchange = Exchange(APP, path, raw)
    await exchange.finished()
    return exchange
