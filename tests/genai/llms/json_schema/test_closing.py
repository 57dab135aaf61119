import json
from typing import Any

import jsonschema
import pytest

pytest.importorskip("xgrammar")

from genai.llms.json_schema.closing import completer
from genai.llms.json_schema.grammar import enforceable_schema

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "born": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "size": {"type": "number"},
        "kind": {"enum": ["small", "large"]},
    },
    "required": ["name", "born", "tags", "size", "kind"],
    "additionalProperties": False,
}

WHOLE = '{"name":"a \\"b\\" é}","born":"2026-01-31","tags":["x","y"],"size":-1.5e3,"kind":"large"}'


@pytest.mark.parametrize("cut", range(len(WHOLE) + 1))
def test_json_that_is_cut_anywhere_is_completed(cut: int) -> None:
    begun = WHOLE[:cut]

    missing = completer().completion(json.dumps(SCHEMA), begun)

    assert missing is not None
    jsonschema.validate(json.loads(begun + missing), SCHEMA)


def test_what_is_complete_misses_nothing() -> None:
    assert completer().completion(json.dumps(SCHEMA), WHOLE) == ""


def test_a_text_that_is_not_of_the_schema_is_not_completed() -> None:
    assert completer().completion(json.dumps(SCHEMA), "Sorry, ") is None


def test_lists_are_ended_and_strings_of_a_length_are_filled() -> None:
    schema = {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{3,5}$"}}

    missing = completer().completion(json.dumps(schema), '["a')

    assert missing is not None
    jsonschema.validate(json.loads('["a' + missing), schema)


@pytest.mark.parametrize("begun", ["", '{"a":"jo', '{"a":"jo@', '{"a":"j@x'])
def test_a_string_is_ended_as_its_pattern_asks(begun: str) -> None:
    schema: Any = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    schema["properties"]["a"]["pattern"] = r"^\S+@\S+$"

    missing = completer().completion(enforceable_schema(json.dumps(schema), terse=True), begun)

    assert missing is not None
    jsonschema.validate(json.loads(begun + missing), schema)


def test_of_what_refers_to_itself_a_way_out_is_found() -> None:
    def operation(name: str, **properties: Any) -> Any:
        known = {"op": {"const": name}, **properties}
        return {"type": "object", "properties": known, "required": list(known)}

    both = {"left": {"$ref": "#"}, "right": {"$ref": "#"}}
    schema = {"anyOf": [operation("add", **both), operation("sub", **both), operation("num")]}

    missing = completer().completion(
        enforceable_schema(json.dumps(schema), terse=True), '{"op":"add","left":'
    )

    assert missing is not None
    jsonschema.validate(json.loads('{"op":"add","left":' + missing), schema)
