"""Tool calls as text, for models that write them into their answer.

Two spellings are understood, as the widespread chat templates teach them:

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
    """What to tell a model whose chat template knows nothing of tools."""
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
    """The tool that the request insists on; the first one where any will do.

    Raises `InvalidInput` when there is no such tool.
    """
    if request.tool_choice in ("auto", "none"):
        return None
    for tool in request.tools:
        if request.tool_choice in ("required", tool.name):
            return tool
    raise InvalidInput("tool_choice names no tool of the request", "tool_choice")


class ToolCallReader:
    """Takes an answer piece by piece; passes text on, and holds back what may be a tool call."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._names = {tool.name for tool in tools}
        self._held = ""
        self._capturing = False
        self._at_start = True

    def feed(self, text: str) -> str:
        """The part of the answer that is certainly not a tool call."""
        self._held += text
        if self._capturing:
            return ""
        start = self._start_of_call()
        self._capturing = self._held[start : start + len(OPEN)] == OPEN or (
            self._at_start and self._held.lstrip().startswith("{")
        )
        passed, self._held = self._held[:start], self._held[start:]
        self._at_start = self._at_start and not passed.strip()
        return passed

    def finish(self) -> tuple[str, tuple[ToolCall, ...]]:
        """What was held back: calls if it holds some, else text."""
        calls = self._calls()
        if not calls:
            return self._held, ()
        return "", tuple(
            ToolCall(id=f"call_{index}", name=name, arguments=arguments)
            for index, (name, arguments) in enumerate(calls)
        )

    def _start_of_call(self) -> int:
        """Where the tag begins, or might with the next piece, or a bare object; else the end."""
        if self._at_start and self._held.lstrip()[:1] in ("", "{"):
            return 0
        found = self._held.find(OPEN)
        if found >= 0:
            return found
        longest = min(len(OPEN) - 1, len(self._held))
        cut = (n for n in range(longest, 0, -1) if OPEN.startswith(self._held[-n:]))
        return len(self._held) - next(cut, 0)

    def _calls(self) -> list[tuple[str, str]]:
        if not self._capturing:
            return []
        texts = TAGGED.findall(self._held) if OPEN in self._held else [self._held]
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
        written = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return str(call["name"]), written
