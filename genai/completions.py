"""Direct access to the configured models by name, with the same checks as around the assistant.

ChatRequest ──▶ input check ──▶ model ──▶ output check ──▶ Completion
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager

from genai.base.llm import BaseLLM
from genai.errors import ModelNotFound, ModelUnavailable
from genai.llms.spent import noted
from genai.messages import ChatRequest, Chunk, Completion, Message, ToolCall, ToolCallDelta
from genai.meter import Meter
from genai.safety.base import Guard
from genai.safety.gate import Gate
from genai.safety.placeholders import Restoring
from genai.safety.stream import StreamGuard
from genai.streams import closing


class GuardedCompletions:
    """Checked calls of models. Raises what the model raises, `ContentRefused` and `GuardUnavailable`.

    A model without its key counts as unknown: `ModelNotFound`.
    """

    def __init__(self, guard: Guard, llms: Mapping[str, BaseLLM]) -> None:
        self._guard = guard
        self._llms = llms

    def models(self) -> tuple[str, ...]:
        return tuple(self._llms)

    async def async_available(self) -> tuple[str, ...]:
        """The models that are available now."""
        there = await asyncio.gather(*(llm.async_available() for llm in self._llms.values()))
        return tuple(name for name, is_there in zip(self._llms, there, strict=True) if is_there)

    async def async_chat(self, model: str, request: ChatRequest) -> Completion:
        gate = _gate(self._guard, request)
        llm = self._llm(model)
        admitted = await _admit(gate, request)
        with _unavailable_as_not_found():
            completion = await llm.async_chat(admitted)
        with noted(completion.usage):
            return await _release(gate, completion, as_json=_wants_json(request))

    async def async_stream(
        self, model: str, request: ChatRequest, meter: Meter | None = None
    ) -> AsyncIterator[Chunk]:
        """Text is streamed as soon as it is checked. Tool calls are sent complete, because a partial call
        cannot be checked.

        ``meter`` is updated with the usage.
        """
        gate = _gate(self._guard, request)
        chunks = self._llm(model).async_stream(await _admit(gate, request))
        tail = StreamTail(meter or Meter())
        filtered: StreamGuard[Chunk] = StreamGuard(self._guard, gate.context, gate.placeholders)
        restoring = Restoring(gate.placeholders, as_json=_wants_json(request))
        async with closing(filtered.async_filter(_texts(chunks, tail))) as released:
            async for item in released:
                if isinstance(item, Chunk):
                    filtered.forget()
                    restoring = Restoring(gate.placeholders, as_json=_wants_json(request))
                    yield Chunk(model=item.model, restarted=True, degraded=item.degraded)
                elif shown := restoring.feed(item):
                    yield Chunk(text=shown, model=tail.last.model)
        if shown := restoring.rest():
            yield Chunk(text=shown, model=tail.last.model)
        yield await _release_tail(gate, tail)

    def _llm(self, model: str) -> BaseLLM:
        if model not in self._llms:
            raise ModelNotFound
        return self._llms[model]


@contextmanager
def _unavailable_as_not_found() -> Iterator[None]:
    try:
        yield
    except ModelUnavailable:
        raise ModelNotFound from None


class StreamTail:
    """Collects everything of a stream but its text: usage, tool calls, the last chunk."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.last = Chunk()
        self.degraded: str | None = None
        self._calls: dict[int, ToolCallDelta] = {}

    def add(self, chunk: Chunk) -> None:
        self.last = chunk
        self._meter.spent = chunk.usage or chunk.spent or self._meter.spent
        self._meter.add_text(chunk.text)
        self.degraded = chunk.degraded or self.degraded
        for delta in chunk.tool_calls:
            self._meter.add_text(delta.arguments)
            begun = self._calls.get(delta.index, ToolCallDelta(index=delta.index))
            self._calls[delta.index] = ToolCallDelta(
                index=delta.index,
                id=begun.id or delta.id,
                name=begun.name or delta.name,
                arguments=begun.arguments + delta.arguments,
            )

    @property
    def tool_calls(self) -> tuple[ToolCallDelta, ...]:
        return tuple(self._calls.values())


async def _texts(chunks: AsyncIterator[Chunk], tail: StreamTail) -> AsyncIterator[str | Chunk]:
    with _unavailable_as_not_found():
        async with closing(chunks) as source:
            async for chunk in source:
                tail.add(chunk)
                if chunk.restarted:
                    yield chunk
                if chunk.text:
                    yield chunk.text


def _gate(guard: Guard, request: ChatRequest) -> Gate:
    gate = Gate(guard, request.context)
    gate.on_route("completions")
    return gate


async def _admit(gate: Gate, request: ChatRequest) -> ChatRequest:
    """The checked request. Earlier tool calls come from the caller, so they are checked, too."""
    said = [text for m in request.messages for text in (m.content, *_arguments(m))]
    admitted = iter(await gate.admit_all(said))
    messages = tuple(_as_admitted(message, admitted) for message in request.messages)
    gate.placeholders.learn_links(m.content for m in messages if m.role in ("system", "user"))
    gate.placeholders.learn_schemas(_schemas(request))
    return request.model_copy(update={"messages": messages})


def _schemas(request: ChatRequest) -> Iterator[str]:
    if request.sampling.json_schema is not None:
        yield request.sampling.json_schema
    for tool in request.tools:
        yield tool.parameters


def _arguments(message: Message) -> list[str]:
    return [call.arguments for call in message.tool_calls]


def _as_admitted(message: Message, texts: Iterator[str]) -> Message:
    content = next(texts)
    calls = tuple(c.model_copy(update={"arguments": next(texts)}) for c in message.tool_calls)
    return message.model_copy(update={"content": content, "tool_calls": calls})


def _wants_json(request: ChatRequest) -> bool:
    return request.sampling.json_schema is not None


async def _release(gate: Gate, completion: Completion, *, as_json: bool) -> Completion:
    shown = [completion.text, *(call.arguments for call in completion.tool_calls)]
    text, *arguments = await gate.release_all(shown)
    calls: tuple[ToolCall, ...] = tuple(
        call.model_copy(update={"arguments": gate.placeholders.restore_json(checked)})
        for call, checked in zip(completion.tool_calls, arguments, strict=True)
    )
    restore = gate.placeholders.restore_json if as_json else gate.placeholders.restore
    return completion.model_copy(update={"text": restore(text), "tool_calls": calls})


async def _release_tail(gate: Gate, tail: StreamTail) -> Chunk:
    calls = tail.tool_calls
    if calls:
        arguments = await gate.release_all([call.arguments for call in calls])
        calls = tuple(
            call.model_copy(update={"arguments": gate.placeholders.restore_json(checked)})
            for call, checked in zip(calls, arguments, strict=True)
        )
    return tail.last.model_copy(
        update={"text": "", "tool_calls": calls, "spent": None, "degraded": tail.degraded}
    )
