from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from genai.chat import ChatAnswerer
from genai.errors import BackendFailed
from genai.messages import RequestContext
from genai.observability.traced import TracedAnswerer, TracedGuard, TracedLLM, TracedTool
from genai.observability.tracing import Attribute, Span
from genai.tools.calculator import CalculatorTool
from tests.support.answering import WordGuard, context, question
from tests.support.language_models import FlakyLLM


class RecordedSpan:
    def __init__(self, name: str, parent: str) -> None:
        self.traceparent = f"{parent}/{name}"
        self.attributes: dict[str, Attribute] = {}

    def note(self, attributes: Mapping[str, Attribute]) -> None:
        self.attributes |= attributes


class RecordingTracer:
    """A tracer that records ended spans by their paths."""

    def __init__(self) -> None:
        self.ended: dict[str, RecordedSpan] = {}

    @contextmanager
    def request(self, name: str, request_id: str, traceparent: str) -> Iterator[Span]:
        with self._span(name, traceparent) as span:
            yield span

    @contextmanager
    def step(self, name: str, context: RequestContext) -> Iterator[Span]:
        with self._span(name, context.traceparent) as span:
            yield span

    @contextmanager
    def _span(self, name: str, parent: str) -> Iterator[Span]:
        span = RecordedSpan(name, parent)
        try:
            yield span
        finally:
            self.ended[span.traceparent] = span


async def test_the_span_of_a_model_is_a_child_of_its_caller() -> None:
    notes, llm = RecordingTracer(), FlakyLLM("hello there")
    chat = TracedAnswerer(ChatAnswerer(TracedLLM(llm, notes), "Be kind."), "chat", notes)

    draft = await chat.async_answer(question())

    assert draft.text == "hello there"
    assert list(notes.ended) == ["/chat/llm flaky", "/chat"]
    assert llm.requests[0].context.traceparent == "/chat/llm flaky"
    assert notes.ended["/chat"].attributes["gen_ai.usage.output_tokens"] == 1


async def test_a_stream_is_one_span_with_the_same_events() -> None:
    notes, llm = RecordingTracer(), FlakyLLM("hello there", "hello there")
    plain = ChatAnswerer(llm, "Be kind.")
    chat = TracedAnswerer(ChatAnswerer(TracedLLM(llm, notes), "Be kind."), "chat", notes)

    told = [event.type async for event in plain.async_stream(question())]
    traced = [event.type async for event in chat.async_stream(question())]

    assert traced == told
    assert list(notes.ended) == ["/chat/llm flaky", "/chat"]
    assert notes.ended["/chat/llm flaky"].attributes["gen_ai.response.model"] == "flaky"


async def test_leaving_a_stream_ends_every_span() -> None:
    notes, llm = RecordingTracer(), FlakyLLM("hello there")
    chat = TracedAnswerer(ChatAnswerer(TracedLLM(llm, notes), "Be kind."), "chat", notes)

    events = chat.async_stream(question())
    await anext(events)
    await events.aclose()  # type: ignore[attr-defined]

    assert list(notes.ended) == ["/chat/llm flaky", "/chat"]
    assert llm.closed == 1


async def test_an_error_passes_through_and_ends_the_span() -> None:
    notes, llm = RecordingTracer(), FlakyLLM(BackendFailed("down"))
    with pytest.raises(BackendFailed):
        await ChatAnswerer(TracedLLM(llm, notes), "Be kind.").async_answer(question())

    assert list(notes.ended) == ["/llm flaky"]


async def test_a_tool_is_a_span_with_its_success() -> None:
    notes, tool = RecordingTracer(), CalculatorTool()
    traced = TracedTool(tool, notes)

    seen = await traced.async_run(traced.parse('{"expression": "1/0"}'), context())

    assert seen.error
    assert notes.ended["/tool calculator"].attributes["genai.tool.failed"] is True
    assert traced.spec == tool.spec


async def test_a_check_is_a_span_and_the_parts_of_a_stream_are_none() -> None:
    notes, words = RecordingTracer(), WordGuard()
    guard = TracedGuard(words, notes)

    await guard.async_inspect("a secret", "input", context())
    await guard.async_inspect("parts of", "output", context(), final=False)
    last = await guard.async_inspect("parts of it", "output", context(), start=9)

    assert list(notes.ended) == ["/safety input"]
    assert notes.ended["/safety input"].attributes == {"genai.safety.action": "redact"}
    assert last.text == "it"
