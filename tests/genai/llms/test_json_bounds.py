import json
import re
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


@pytest.mark.parametrize("length", [0, 99, 100, 101, 199, 200, 256])
def test_a_pattern_takes_texts_up_to_its_length_and_no_longer(length: int) -> None:
    pattern = re.compile(pattern_of({"type": "string", "maxLength": length}))

    assert pattern.fullmatch("a" * length)
    assert not pattern.fullmatch("a" * (length + 1))


def test_a_limit_that_is_dear_to_count_is_drawn_in_as_far_as_the_schema_allows() -> None:
    long = re.compile(pattern_of({"type": "string", "maxLength": 5000}))
    must = re.compile(pattern_of({"type": "string", "minLength": 400, "maxLength": 5000}))

    assert long.fullmatch("a" * 256)
    assert not long.fullmatch("a" * 257)
    assert must.fullmatch("a" * 400)
    assert not must.fullmatch("a" * 399)


def test_no_count_is_larger_than_what_a_grammar_can_be_made_of() -> None:
    pattern = pattern_of({"type": "string", "minLength": 700, "maxLength": 900})

    assert max(int(count) for count in re.findall(r"(\d+)\}", pattern)) <= 128


def pattern_of(schema: dict[str, Any]) -> str:
    return str(safe(schema)["pattern"])  # type: ignore[call-overload, index]
