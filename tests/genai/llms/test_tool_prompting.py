import json

import pytest

from genai.llms.shaping import OptionalCalls, joined
from genai.llms.tool_prompting import instructions
from genai.messages import Completion, ToolSpec, Usage

TOOLS = (ToolSpec(name="find", description="Finds."), ToolSpec(name="sum"))
CALL = '{"name": "find", "arguments": {"a": 1}}'


def read(text: str, size: int) -> tuple[Completion, str]:
    """The answer, and the part of it that was passed on before the end."""
    shape = OptionalCalls("m", TOOLS)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    chunks = [chunk for piece in pieces if (chunk := shape.feed(piece))]
    early = "".join(chunk.text for chunk in chunks)
    return joined([*chunks, shape.finish("stop")], model="m", usage=Usage()), early


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_bare_call_is_read(size: int) -> None:
    said, early = read(f"\n{CALL}\n", size)

    assert (said.tool_calls[0].name, json.loads(said.tool_calls[0].arguments)) == ("find", {"a": 1})
    assert (said.text, early, said.finish_reason) == ("", "", "tool_calls")


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_tagged_calls_are_read_after_text(size: int) -> None:
    tagged = f"<tool_call>\n{CALL}\n</tool_call>"

    said, _ = read(f"I look. {tagged}\n{tagged}", size)

    assert said.text == "I look. "
    assert [call.id for call in said.tool_calls] == ["call_0", "call_1"]


@pytest.mark.parametrize(
    "text",
    [
        "Plain words with a < b and <tool.",
        '{"name": "unknown", "arguments": {}}',
        '{"amount": 5}',
        "{not json",
        "<tool_call>nonsense</tool_call>",
        "",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_text_that_is_no_tool_call_is_unchanged(text: str, size: int) -> None:
    said, _ = read(text, size)

    assert (said.text, said.tool_calls, said.finish_reason) == (text, (), "stop")


def test_ordinary_text_is_passed_on_at_once() -> None:
    assert read("Hello there", 3)[1] == "Hello there"


def test_arguments_may_be_called_parameters_or_be_text_already() -> None:
    spelled = '{"name": "sum", "parameters": "{\\"a\\": 2}"}'

    assert json.loads(read(spelled, 5)[0].tool_calls[0].arguments) == {"a": 2}


def test_instructions_name_every_tool() -> None:
    told = instructions(TOOLS)

    assert all(tool.name in told for tool in TOOLS)
