"""Tool calls as text, for models that write them into their answer.

Two formats of common chat templates are parsed:

    <tool_call>{"name": "f", "arguments": {...}}</tool_call>       anywhere, several times
    {"name": "f", "arguments": {...}}                              as the whole answer
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from genai.errors import InvalidInput
from genai.messages import ChatRequest, ToolCall, ToolSpec

OPEN, CLOSE = "<tool_call>", "</tool_call>"
TAGGED = re.compile(f"{OPEN}(.*?)(?:{CLOSE}|$)", re.DOTALL)


def instructions(tools: Sequence[ToolSpec]) -> str:
    """A prompt for models whose chat template has no tools."""
    described = "\n".join(
        json.dumps(
            {
                "name": tool.name,
                "description": tool.description,
                "parameters": json.loads(tool.parameters),
            }
        )
        for tool in tools
    )
    return (
        f"You may call these tools:\n{described}\n"
        'To call one, answer only with {"name": its name, "arguments": its arguments}.'
    )


def forced_tool(request: ChatRequest) -> ToolSpec | None:
    """The tool that must be called; the first one for ``required``.

    Raises `InvalidInput` when there is no such tool.
    """
    if request.tool_choice in ("auto", "none"):
        return None
    for tool in request.tools:
        if request.tool_choice in ("required", tool.name):
            return tool
    raise InvalidInput("tool_choice names no tool of the request", "tool_choice")


class ToolCallReader:
    """An incremental parser that holds back what may be a tool call."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._names = {tool.name for tool in tools}
        self._buffer = ""
        self._capturing = False
        self._at_start = True

    def feed(self, text: str) -> str:
        """The part of the answer that is certainly not a tool call."""
        self._buffer += text
        if self._capturing:
            return ""
        start = self._start_of_call()
        self._capturing = self._buffer[start : start + len(OPEN)] == OPEN or (
            self._at_start and self._buffer.lstrip().startswith("{")
        )
        passed, self._buffer = self._buffer[:start], self._buffer[start:]
        self._at_start = self._at_start and not passed.strip()
        return passed

    def finish(self) -> tuple[str, tuple[ToolCall, ...]]:
        """The rest, as tool calls if it parses as such, else as text."""
        calls = self._calls()
        if not calls:
            return self._buffer, ()
        return "", tuple(
            ToolCall(id=f"call_{index}", name=name, arguments=arguments)
            for index, (name, arguments) in enumerate(calls)
        )

    def _start_of_call(self) -> int:
        """Position where a tag or a bare object begins, or may begin with the next piece; else the end."""
        if self._at_start and self._buffer.lstrip()[:1] in ("", "{"):
            return 0
        found = self._buffer.find(OPEN)
        if found >= 0:
            return found
        longest = min(len(OPEN) - 1, len(self._buffer))
        cut = (n for n in range(longest, 0, -1) if OPEN.startswith(self._buffer[-n:]))
        return len(self._buffer) - next(cut, 0)

    def _calls(self) -> list[tuple[str, str]]:
        if not self._capturing:
            return []
        texts = TAGGED.findall(self._buffer) if OPEN in self._buffer else [self._buffer]
        calls = [call for text in texts if (call := self._call(text)) is not None]
        return calls if len(calls) == len(texts) else []

    def _call(self, text: str) -> tuple[str, str] | None:
        try:
            call: Any = json.loads(text)
        except ValueError:
            return None
        if not isinstance(call, dict) or call.get("name") not in self._names:
            return None
        arguments = call.get("arguments", call.get("parameters", {}))
        serialized = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return str(call["name"]), serialized
