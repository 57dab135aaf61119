import json
from typing import Any

import pytest
from pydantic import BaseModel

from deployments.api.body import parse
from deployments.api.chat_schema import ChatCompletionBody
from deployments.api.generate import GenerateBody
from deployments.api.keys import KeyBody
from genai.errors import InvalidInput

ASK: list[Any] = [{"role": "user", "content": "hi"}]


def refused(model: type[BaseModel], body: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(json.dumps(body).encode(), model)
    return caught.value


@pytest.mark.parametrize(
    ("model", "body", "meant", "param"),
    [
        (GenerateBody, {"imput": "x"}, "input", None),
        (GenerateBody, {"Input": "x"}, "input", None),
        (GenerateBody, {"input": "x", "sesion_id": "s"}, "session_id", None),
        (KeyBody, {"user": "x", "usd_per_day": 1}, "budget.usd_per_day", None),
        (KeyBody, {"user": "x", "usd_per_dya": 1}, "budget.usd_per_day", None),
        (
            KeyBody,
            {"user": "x", "budget": {"usd_per_dya": 1}},
            "budget.usd_per_day",
            "budget",
        ),
        (
            ChatCompletionBody,
            {"model": "m", "messages": [{"role": "user", "contents": "hi"}]},
            "messages.0.content",
            "messages.0",
        ),
        (
            ChatCompletionBody,
            {
                "model": "m",
                "messages": ASK,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "shema": {}},
                },
            },
            "response_format.json_schema.schema",
            "response_format.json_schema",
        ),
    ],
)
def test_a_misspelt_field_is_answered_with_the_one_that_was_meant(
    model: type[BaseModel], body: dict[str, Any], meant: str, param: str | None
) -> None:
    error = refused(model, body)

    place = param or "the body"
    assert error.message == (
        f"{place} has a field that this request does not know; did you mean {meant}?"
    )
    assert error.param == param


@pytest.mark.parametrize("name", ["sk-4711-secret", "inputinput" * 1000, "", "42"])
def test_an_unknown_name_is_never_repeated(name: str) -> None:
    error = refused(KeyBody, {"user": "x", name: 1})

    assert error.message == (
        "the body has a field that this request does not know; its fields are "
        + ", ".join(KeyBody.model_fields)
    )


def test_a_missing_field_is_named_when_nothing_resembles_it() -> None:
    assert refused(GenerateBody, {"session_id": "s"}).message == "input is required"
    assert refused(GenerateBody, {"sesion_id": "s"}).message == "input is required"
