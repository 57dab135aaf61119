from typing import Any

import httpx
import pytest

ASK: list[Any] = [{"role": "user", "content": "hi"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "balance",
        "description": "Balance of an account",
        "parameters": {"type": "object", "properties": {"account": {"type": "string"}}},
    },
}
IMAGE = {"type": "image_url", "image_url": {"url": "http://somewhere"}}


@pytest.mark.parametrize(
    "defaults",
    [
        {"n": 1, "logprobs": False, "frequency_penalty": 0, "presence_penalty": 0.0},
        {"logit_bias": {}, "store": False, "service_tier": "auto", "parallel_tool_calls": True},
        {"user": "u", "metadata": {"a": "b"}, "stop": None, "seed": None, "max_tokens": None},
        {"tools": [{"type": "function", "function": {"name": "f", "strict": True}}]},
        {"response_format": {"type": "text"}, "tool_choice": "none", "modalities": ["text"]},
    ],
)
async def test_defaults_may_be_spelt_out(
    client: httpx.AsyncClient, defaults: dict[str, Any]
) -> None:
    body = {"model": "bank", "messages": ASK, **defaults}
    response = await client.post("/v1/chat/completions", json=body)

    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 5}, "top_logprobs"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
        ({"store": True}, "store"),
        ({"functions": []}, "functions"),
        ({"reasoning_effort": "high"}, "reasoning_effort"),
        ({"chat_template": "x"}, None),
        ({"prompt_embeds": "x"}, None),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"stop": [1]}, "stop.0"),
        ({"seed": 1.5}, "seed"),
        ({"max_tokens": 1, "max_completion_tokens": 2}, None),
        ({"stream_options": {"include_usage": True}}, None),
        ({"tool_choice": "required"}, None),
        ({"tool_choice": "some"}, "tool_choice"),
        ({"tools": [{"type": "code"}]}, "tools.0.type"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools.0.function.name"),
        ({"response_format": {"type": "json_schema"}}, "response_format"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "user"}]}, "messages.0"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages.0"),
        ({"messages": [{"role": "user", "content": "  "}]}, "messages.0"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
        (
            {"messages": [{"role": "user", "content": [IMAGE]}]},
            "messages.0.content",
        ),
        ({"messages": [{"role": "user", "content": "x" * 40_000}]}, "messages"),
        ({"model": "assistant", "tools": [TOOL]}, "tools"),
        ({"model": "assistant", "messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"model": "assistant", "messages": [{"role": "assistant", "content": "x"}]}, "messages"),
    ],
)
async def test_what_cannot_be_honoured_is_refused_by_name(
    client: httpx.AsyncClient, change: dict[str, Any], param: str | None
) -> None:
    body = {"model": "bank", "messages": ASK, **change}
    response = await client.post("/v1/chat/completions", json=body)

    assert response.status_code == 400, response.text
    assert response.json()["error"]["param"] == param


@pytest.mark.parametrize(
    ("format_", "said"),
    [
        ({"type": "json_schema"}, "json_schema is required for the type 'json_schema'"),
        (
            {"type": "text", "json_schema": {"name": "a", "schema": {}}},
            "json_schema goes with the type 'json_schema' only",
        ),
    ],
)
async def test_a_schema_goes_with_its_type(
    client: httpx.AsyncClient, format_: dict[str, Any], said: str
) -> None:
    body = {"model": "bank", "messages": ASK, "response_format": format_}
    response = await client.post("/v1/chat/completions", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["message"] == f"response_format: {said}"
