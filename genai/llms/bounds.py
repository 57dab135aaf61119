"""Upper bounds of the tokens of a prompt, for any tokenizer.

A token is at least one byte of the prompt, apart from the few special tokens between its parts.
"""

from collections.abc import Sequence

from genai.messages import ChatRequest, Message, ToolSpec

MARKS_PER_PART = 16
MARKS = 64


def most_tokens_of(request: ChatRequest) -> int:
    schema = request.sampling.json_schema or ""
    return most_tokens(request.messages, request.tools) + _bytes(schema)


def most_tokens(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> int:
    contents = sum(_bytes(message.content) + MARKS_PER_PART for message in messages)
    calls = sum(
        _bytes(call.name) + _bytes(call.arguments) + MARKS_PER_PART
        for message in messages
        for call in message.tool_calls
    )
    specs = sum(
        _bytes(tool.name) + _bytes(tool.description) + _bytes(tool.parameters) + MARKS_PER_PART
        for tool in tools
    )
    return MARKS + contents + calls + specs


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
