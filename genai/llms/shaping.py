"""Turns the text of a model into what the request asked for: text, JSON or tool calls.

Shapes are incremental, so that whole and streamed answers take the same path.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from genai.errors import BackendFailed
from genai.llms.tool_prompting import ToolCallReader
from genai.messages import Chunk, Completion, FinishReason, ToolCall, ToolCallDelta, ToolSpec, Usage

Complete = Callable[[str, str], str | None]
"""Schema and truncated JSON → its completion, or None."""


class Shape(Protocol):
    def feed(self, text: str) -> Chunk | None:
        """Add a piece of text. Returns what can be sent on."""

    def finish(self, reason: FinishReason) -> Chunk:
        """The rest, with the finish reason."""


class PlainText:
    def __init__(self, model: str) -> None:
        self._model = model

    def feed(self, text: str) -> Chunk | None:
        return Chunk(text=text, model=self._model) if text else None

    def finish(self, reason: FinishReason) -> Chunk:
        return Chunk(model=self._model, finish_reason=reason)


class SchemaText:
    """JSON. Truncated JSON is completed; its finish reason stays ``length``."""

    def __init__(self, model: str, schema: str, complete: Complete) -> None:
        self._model = model
        self._schema = schema
        self._complete = complete
        self._texts: list[str] = []

    def feed(self, text: str) -> Chunk | None:
        self._texts.append(text)
        return Chunk(text=text, model=self._model) if text else None

    def finish(self, reason: FinishReason) -> Chunk:
        completion = self.completion() if reason == "length" else ""
        return Chunk(text=completion, model=self._model, finish_reason=reason)

    def completion(self) -> str:
        """Raises `BackendFailed` if the JSON cannot be completed."""
        completion = self._complete(self._schema, "".join(self._texts))
        if completion is None:
            raise BackendFailed("the model's JSON broke off")
        return completion


class ForcedCall:
    """A call of one tool; the text is its arguments."""

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
        completion = self._delta(self._json.completion())
        return Chunk(model=self._model, tool_calls=(completion,), finish_reason="length")

    def _delta(self, arguments: str) -> ToolCallDelta:
        name, self._name = self._name, None
        return ToolCallDelta(index=0, id="call_0" if name else None, name=name, arguments=arguments)


class OptionalCalls:
    """Text, or tool calls written as text."""

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
        final: FinishReason = "tool_calls" if calls and reason == "stop" else reason
        return Chunk(text=text, model=self._model, tool_calls=deltas, finish_reason=final)


def joined(chunks: Iterable[Chunk], *, model: str, usage: Usage) -> Completion:
    """Join the chunks of a stream into one answer."""
    texts: list[str] = []
    calls: dict[int, ToolCall] = {}
    reason: FinishReason = "stop"
    for chunk in chunks:
        texts.append(chunk.text)
        reason = chunk.finish_reason or reason
        for delta in chunk.tool_calls:
            call = calls.get(delta.index) or ToolCall(
                id=delta.id or "", name=delta.name or "", arguments=""
            )
            arguments = call.arguments + delta.arguments
            calls[delta.index] = call.model_copy(update={"arguments": arguments})
    return Completion(
        text="".join(texts),
        model=model,
        finish_reason=reason,
        tool_calls=tuple(calls.values()),
        usage=usage,
    )
