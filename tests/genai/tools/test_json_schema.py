"""What is said of arguments that do not match a tool's schema."""

import json

import pytest

from genai.errors import InvalidInput
from genai.tools.json_schema import check_json

SCHEMA = {
    "type": "object",
    "properties": {"card": {"type": "integer"}, "why": {"type": "string"}},
    "required": ["card"],
    "additionalProperties": False,
}


def objection(arguments: object, schema: object = SCHEMA) -> str:
    with pytest.raises(InvalidInput) as refused:
        check_json(json.dumps(arguments), json.dumps(schema))
    return refused.value.message


@pytest.mark.parametrize("arguments", [{}, {"card": 7, "hunter2": "secret"}])
def test_wrong_fields_are_told_with_those_that_the_tool_takes(arguments: object) -> None:
    assert objection(arguments) == "arguments: the fields are card, why; required are card"


def test_a_tool_without_fields_is_told_as_such() -> None:
    nothing = {"type": "object", "additionalProperties": False}

    assert objection({"x": 1}, nothing) == "arguments: there are no fields; none is required"


def test_a_wrong_type_is_told_without_the_value() -> None:
    assert objection({"card": "hunter2"}) == "arguments.card: must be of type integer"
