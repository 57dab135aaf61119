import json
from typing import Any

import jsonschema
import pytest

from genai.llms.json_bounds import safe
from genai.llms.json_example import example_of


def test_lengths_become_a_pattern_that_keeps_control_characters_out() -> None:
    rewritten = safe({"type": "string", "minLength": 1, "maxLength": 3})

    jsonschema.validate("abc", rewritten)
    for text in ("", "abcd", "a\tb"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(text, rewritten)


def test_a_schema_without_lengths_stays_as_it_is() -> None:
    schema: Any = {"type": "object", "properties": {"maxLength": {"type": "string"}}}

    assert safe(schema) == schema


def test_terse_bounds_what_is_left_open() -> None:
    rewritten: Any = safe(
        {
            "type": "object",
            "properties": {
                "text": {"type": "string"},
                "list": {"type": "array", "items": {"type": "integer"}},
            },
        },
        terse=True,
    )

    assert rewritten["additionalProperties"] is False
    assert rewritten["properties"]["list"]["maxItems"] == 3
    assert rewritten["properties"]["list"]["items"] == {
        "type": "integer",
        "minimum": 0,
        "maximum": 999_999,
    }
    assert "pattern" in rewritten["properties"]["text"]


SCHEMAS: list[Any] = [
    {"type": "string", "minLength": 60},
    {"type": "array", "items": {"type": "null"}, "minItems": 5},
    {"type": "integer", "maximum": -7},
    {"type": "integer", "minimum": 10_000_000},
    {"type": "number", "exclusiveMaximum": 0},
    {"type": "string", "format": "date"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_terse_contradicts_no_bound_of_the_schema(schema: Any) -> None:
    rewritten = safe(schema, terse=True)

    example = example_of({k: v for k, v in {**rewritten, **schema}.items() if k != "pattern"})  # type: ignore[dict-item]

    jsonschema.validate(example, schema)
    jsonschema.validate(example, rewritten)


def test_values_and_names_are_not_taken_for_schemas() -> None:
    schema: Any = {
        "type": "object",
        "properties": {"type": {"enum": [{"type": "string", "maxLength": 1}]}},
        "required": ["type"],
    }

    rewritten: Any = safe(schema, terse=True)

    assert rewritten["properties"] == schema["properties"]
