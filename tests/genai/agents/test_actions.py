import json

import jsonschema
import pytest

from genai.agents.actions import (
    FinalAnswer,
    ToolAction,
    action_schema,
    is_observation,
    observation_message,
    parse_action,
)
from genai.base.tool import Observation
from genai.errors import InvalidInput
from genai.messages import Message, ToolSpec


def test_a_call_and_an_answer_are_told_apart() -> None:
    assert parse_action('{"action": "sql", "arguments": {"query": "x"}}') == ToolAction(
        action="sql", arguments={"query": "x"}
    )
    assert parse_action('{"thought": "t", "answer": "a"}') == FinalAnswer(thought="t", answer="a")


def test_a_code_fence_around_the_object_is_forgiven() -> None:
    assert parse_action('```json\n{"answer": "a"}\n```') == FinalAnswer(answer="a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "[]",
        "1",
        '{"answer": 5}',
        '{"answer": "a", "action": "sql"}',
        '{"thought": "only"}',
        '{"action": "sql", "arguments": "SELECT"}',
        '{"action": "sql", "arguments": {"n": NaN}}',
        '{"answer": "a"} {"answer": "b"}',
        "__import__('os').system('true')",
        "[" * 100_000,
    ],
)
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_action(text)


def test_the_schema_allows_both_kinds_and_no_mixture() -> None:
    schema = json.loads(action_schema([ToolSpec(name="sql")]))

    jsonschema.validate({"thought": "", "action": "sql", "arguments": {}}, schema)
    jsonschema.validate({"thought": "", "answer": "a"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"thought": "", "action": "shell", "arguments": {}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"thought": "", "answer": "a", "action": "sql"}, schema)


def test_an_observation_is_recognised_in_the_conversation() -> None:
    assert is_observation(observation_message(Observation(text="1")))
    assert is_observation(observation_message(Observation(text="", error="no such table")))
    assert not is_observation(Message(role="user", content="How many?"))


def test_the_same_arguments_have_the_same_text() -> None:
    one = ToolAction(action="t", arguments={"a": 1, "b": 2})
    other = ToolAction(action="t", arguments={"b": 2, "a": 1})

    assert one.arguments_json == other.arguments_json
