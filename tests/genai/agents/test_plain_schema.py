import json
from typing import Any

import jsonschema
import pytest

from genai.agents.actions import action_schema
from genai.agents.plain_schema import ANY, plain_schema
from genai.messages import ToolSpec
from genai.tools.calculator import CalculatorTool

NUMBER = json.dumps(
    {
        "type": "object",
        "title": "Number",
        "properties": {"n": {"type": "integer", "minimum": 3, "description": "any"}},
        "required": ["n"],
    }
)


def spec(name: str, parameters: str) -> ToolSpec:
    return ToolSpec(name=name, parameters=parameters)


def test_only_keywords_that_every_engine_supports_are_kept() -> None:
    assert plain_schema(NUMBER) == {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "object", "properties": {"x": {"$ref": "#/$defs/X"}}, "$defs": {"X": {}}},
        {"type": "object", "properties": {"x": {"anyOf": [{"type": "string"}]}}},
        {"type": "object"},
        {"type": "string"},
        [],
    ],
)
def test_other_constraints_are_left_to_the_tool(parameters: Any) -> None:
    assert plain_schema(json.dumps(parameters)) == ANY


def test_lists_objects_and_choices_are_kept() -> None:
    inner = {"type": "object", "properties": {"k": {"enum": ["a", "b"]}}, "required": ["k"]}
    found = plain_schema(
        json.dumps({"type": "object", "properties": {"l": {"type": "array", "items": inner}}})
    )

    jsonschema.validate({"l": [{"k": "a"}]}, found)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"l": [{"k": "c"}]}, found)


def test_each_tool_is_called_with_its_own_arguments_only() -> None:
    schema = json.loads(action_schema([spec("count", NUMBER), CalculatorTool().spec]))

    jsonschema.validate({"thought": "", "action": "count", "arguments": {"n": 1}}, schema)
    for arguments in ({"expression": "1"}, {"n": "1"}, {}):
        with pytest.raises(jsonschema.ValidationError):
            call = {"thought": "", "action": "count", "arguments": arguments}
            jsonschema.validate(call, schema)


def test_several_calls_are_held_to_theirs_too() -> None:
    schema = json.loads(action_schema([spec("count", NUMBER)]))
    call = {"action": "count", "arguments": {"n": 1}}

    jsonschema.validate({"thought": "", "actions": [call, call]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"thought": "", "actions": [{**call, "arguments": {}}]}, schema)


def test_without_tools_there_is_only_the_answer() -> None:
    schema = json.loads(action_schema([]))

    jsonschema.validate({"thought": "", "answer": "a"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"thought": "", "actions": []}, schema)
