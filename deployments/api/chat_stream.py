"""Encodes streamed chat completions in OpenAI's format. Frequent chunks are assembled by hand."""

import time
from typing import Any
from uuid import uuid4

import orjson

from deployments.api.call import Call
from deployments.api.errors import error_body
from genai.errors import GenAIError
from genai.events import (
    AnswerEvent,
    ApprovalEvent,
    CitationEvent,
    DoneEvent,
    RestartEvent,
    TokenEvent,
)
from genai.messages import Answer, Certainty, Chunk, ToolCallDelta, Usage


def encode_error(error: GenAIError, request_id: str) -> bytes:
    return b"data: " + error_body(error, request_id) + b"\n\n"


def usage_object(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }


class ChunkEncoder:
    """Encodes the chunks of one completion, and sets the usage of ``call`` at the end."""

    def __init__(self, call: Call, model: str, *, include_usage: bool) -> None:
        self._call = call
        self._include_usage = include_usage
        self._id = call.shown_id(f"chatcmpl-{uuid4().hex}")
        self._created = int(time.time())
        self._begun = False
        self._tail = b'},"logprobs":null,"finish_reason":null}]'
        self._tail += b',"usage":null}\n\n' if include_usage else b"}\n\n"
        self._name(model)

    def event(self, event: AnswerEvent) -> bytes:
        """An event of the assistant as a chunk; agent steps have no place in this format."""
        if isinstance(event, TokenEvent) and self._begun:
            return self._delta(b'"content":' + orjson.dumps(event.text))
        match event:
            case TokenEvent(text=text):
                return self.chunk(Chunk(text=text))
            case RestartEvent(degraded=reason):
                return self.chunk(Chunk(restarted=True, degraded=reason))
            case ApprovalEvent(approval=approval):
                return self._empty(None, {"approval": vars(approval)})
            case CitationEvent(citation=citation):
                return self.chunk(Chunk(citations=(citation,)))
            case DoneEvent(answer=answer):
                return self.chunk(_last_chunk(answer), certainty=answer.certainty)
        return b""

    def chunk(self, chunk: Chunk, *, certainty: Certainty | None = None) -> bytes:
        """A chunk of a model's answer; the assistant's last one includes its certainty."""
        if chunk.model and chunk.model != self._model:
            self._name(chunk.model)
        block = b"" if self._begun else self._delta(b'"role":"assistant","content":""')
        self._begun = True
        if chunk.text:
            block += self._delta(b'"content":' + orjson.dumps(chunk.text))
        if chunk.tool_calls:
            calls = orjson.dumps([_tool_call_object(delta) for delta in chunk.tool_calls])
            block += self._delta(b'"tool_calls":' + calls)
        if chunk.finish_reason is not None or chunk.citations or chunk.degraded or chunk.restarted:
            block += self._rare(chunk, certainty)
        if chunk.usage is not None:
            self._call.usage = chunk.usage
            block += self._usage(chunk.usage)
        return block

    def _name(self, model: str) -> None:
        """Everything up to the delta is the same for all chunks of a model."""
        self._model = model
        self._head = (
            b"data: " + orjson.dumps(self._frame())[:-1] + b',"choices":[{"index":0,"delta":{'
        )

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
        }

    def _delta(self, members: bytes) -> bytes:
        return self._head + members + self._tail

    def _rare(self, chunk: Chunk, certainty: Certainty | None) -> bytes:
        """The parts that come once: finish reason, citations, degradation."""
        extras: dict[str, Any] = {}
        if chunk.restarted:
            extras["restarted"] = True
        if chunk.citations:
            extras["citations"] = [vars(citation) for citation in chunk.citations]
        if chunk.degraded is not None:
            extras["degraded_reason"] = chunk.degraded
        if certainty is not None:
            extras["certainty"] = certainty
        return self._empty(chunk.finish_reason, extras)

    def _empty(self, finish_reason: str | None, extras: dict[str, Any]) -> bytes:
        """A chunk without text. Fields that OpenAI's protocol lacks are next to the choices."""
        choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": finish_reason}
        frame = {**self._frame(), "choices": [choice]}
        if self._include_usage:
            frame["usage"] = None
        return b"data: " + orjson.dumps({**frame, **extras}) + b"\n\n"

    def _usage(self, usage: Usage) -> bytes:
        if not self._include_usage:
            return b""
        frame = {**self._frame(), "choices": [], "usage": usage_object(usage)}
        return b"data: " + orjson.dumps(frame) + b"\n\n"


def _last_chunk(answer: Answer) -> Chunk:
    return Chunk(
        model=answer.model,
        finish_reason=answer.finish_reason,
        usage=answer.usage,
        degraded=answer.degraded,
    )


def _tool_call_object(delta: ToolCallDelta) -> dict[str, Any]:
    """A first part has id, type and name; the others only more of the arguments."""
    function: dict[str, str] = {"arguments": delta.arguments}
    if delta.name is None:
        return {"index": delta.index, "function": function}
    function = {"name": delta.name, **function}
    return {"index": delta.index, "id": delta.id, "type": "function", "function": function}
