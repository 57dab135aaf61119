"""Gives the text of a model the shape that the request asked for: text, JSON or tool calls.

A shape takes the text piece by piece, so that whole and streamed answers are made the same way.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from genai.errors import BackendFailed
from genai.llms.tool_prompting import ToolCallReader
from genai.messages import Chunk, Completion, FinishReason, ToolCall, ToolCallDelta, ToolSpec, Usage

Complete = Callable[[str, str], str | None]
"""Schema and begun JSON → what is missing, or nothing."""


class Shape(Protocol):
    def feed(self, text: str) -> Chunk | None:
        """What can be passed on after this piece of text."""

    def finish(self, reason: FinishReason) -> Chunk:
        """The rest, with the reason why the answer ends."""


class PlainText:
    def __init__(self, model: str) -> None:
        self._model = model

    def feed(self, text: str) -> Chunk | None:
        return Chunk(text=text, model=self._model) if text else None

    def finish(self, reason: FinishReason) -> Chunk:
        return Chunk(model=self._model, finish_reason=reason)


class SchemaText:
    """JSON. One that was cut off is completed, and still says ``length``."""

    def __init__(self, model: str, schema: str, complete: Complete) -> None:
        self._model = model
        self._schema = schema
        self._complete = complete
        self._said: list[str] = []

    def feed(self, text: str) -> Chunk | None:
        self._said.append(text)
        return Chunk(text=text, model=self._model) if text else None

    def finish(self, reason: FinishReason) -> Chunk:
        missing = self.missing() if reason == "length" else ""
        return Chunk(text=missing, model=self._model, finish_reason=reason)

    def missing(self) -> str:
        """Raises `BackendFailed` where no end was found: half a value is no answer."""
        missing = self._complete(self._schema, "".join(self._said))
        if missing is None:
            raise BackendFailed("the model's JSON broke off")
        return missing


class ForcedCall:
    """The call of one tool; the text is its arguments."""

    def __init__(self, model: str, tool: ToolSpec, schema: str, complete: Complete) -> None:
        self._model = model
        self._json = SchemaText(model, schema, complete)
        self._name: str | None = tool.name

    def feed(self, text: str) -> Chunk | None:
        self._json.feed(text)
        return Chunk(model=self._model, tool_calls=(self._delta(text),)) if text else None

    def finish(self, reason: FinishReason) -> Chunk:
        if reason != "length":
            return Chunk(model=self._model, finish_reason="tool_calls")
        missing = self._delta(self._json.missing())
        return Chunk(model=self._model, tool_calls=(missing,), finish_reason="length")

    def _delta(self, arguments: str) -> ToolCallDelta:
        name, self._name = self._name, None
        return ToolCallDelta(index=0, id="call_0" if name else None, name=name, arguments=arguments)


class MaybeCalls:
    """Text, or tool calls that the model wrote as text."""

    def __init__(self, model: str, tools: tuple[ToolSpec, ...]) -> None:
        self._model = model
        self._reader = ToolCallReader(tools)

    def feed(self, text: str) -> Chunk | None:
        passed = self._reader.feed(text)
        return Chunk(text=passed, model=self._model) if passed else None

    def finish(self, reason: FinishReason) -> Chunk:
        text, calls = self._reader.finish()
        deltas = tuple(
            ToolCallDelta(index=index, id=call.id, name=call.name, arguments=call.arguments)
            for index, call in enumerate(calls)
        )
        ended: FinishReason = "tool_calls" if calls and reason == "stop" else reason
        return Chunk(text=text, model=self._model, tool_calls=deltas, finish_reason=ended)


def joined(chunks: Iterable[Chunk], *, model: str, usage: Usage) -> Completion:
    """The parts of a stream as one answer."""
    texts: list[str] = []
    calls: dict[int, ToolCall] = {}
    reason: FinishReason = "stop"
    for chunk in chunks:
        texts.append(chunk.text)
        reason = chunk.finish_reason or reason
        for delta in chunk.tool_calls:
            known = calls.get(delta.index) or ToolCall(
                id=delta.id or "", name=delta.name or "", arguments=""
            )
            grown = known.arguments + delta.arguments
            calls[delta.index] = known.model_copy(update={"arguments": grown})
    return Completion(
        text="".join(texts),
        model=model,
        finish_reason=reason,
        tool_calls=tuple(calls.values()),
        usage=usage,
    )
