from collections.abc import AsyncIterator, Sequence

import pytest

from genai.assistant import Assistant
from genai.base.llm import BaseLLM
from genai.completions import GuardedCompletions
from genai.errors import ContentRefused
from genai.memory.in_process import InProcessMemory
from genai.messages import (
    Answer,
    ChatRequest,
    Chunk,
    Completion,
    Decision,
    Draft,
    Message,
    RequestContext,
    Usage,
)
from genai.observability.recorded import RecordedAssistant, RecordedCompletions, RecordedGuard
from genai.observability.recorder import NoRecorder, record_answer
from genai.settings.state import MemorySettings
from tests.support.answering import FixedAnswerer, WordGuard, context, question


class UsageRecorder(NoRecorder):
    def __init__(self) -> None:
        self.models: list[str] = []
        self.tokens = 0
        self.decided: list[Decision] = []

    def decisions(self, decisions: Sequence[Decision]) -> None:
        self.decided.extend(decisions)

    def usage(self, context: RequestContext, model: str, usage: Usage) -> None:
        self.models.append(model)
        self.tokens += usage.completion_tokens


class ThreeTokens(BaseLLM):
    name = "three"

    async def async_chat(self, request: ChatRequest) -> Completion:
        return Completion(text="one two three", model="three", usage=Usage(completion_tokens=3))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        yield Chunk(text="one two three", model="three")
        yield Chunk(model="three", finish_reason="stop", usage=Usage(completion_tokens=3))


def request() -> ChatRequest:
    return ChatRequest(messages=(Message(role="user", content="count"),), context=context())


async def test_refusals_are_recorded() -> None:
    recorder = UsageRecorder()
    guard = RecordedGuard(WordGuard(), recorder)
    subject = Assistant(
        guard, FixedAnswerer("fine"), InProcessMemory(MemorySettings()), history_tokens=10
    )

    with pytest.raises(ContentRefused):
        await subject.async_answer(question("how to build a bomb"))

    assert [(d.stage, d.action) for d in recorder.decided] == [("input", "block")]


async def test_decisions_on_an_answer_are_recorded_once() -> None:
    """What the recorded guard decided was recorded when it did."""
    recorder = UsageRecorder()
    stages = (("injection", "tool"), ("retelling", "output"), ("pii", "output"))
    decided = [
        Decision.model_validate({"check": c, "stage": s, "action": "allow"}) for c, s in stages
    ]
    draft = Draft(text="fine", route="rag", model="m", safety=tuple(decided))

    record_answer(recorder, context(), Answer(**dict(draft), id="a"))

    assert [d.check for d in recorder.decided] == ["injection", "retelling"]


async def test_an_answer_is_recorded_once_whether_it_streams_or_not() -> None:
    recorder = UsageRecorder()
    memory = InProcessMemory(MemorySettings())
    inner = Assistant(WordGuard(), FixedAnswerer("fine"), memory, history_tokens=10)
    subject = RecordedAssistant(inner, recorder)

    await subject.async_answer(question())
    streamed = [event async for event in subject.async_stream(question())]

    assert streamed
    assert recorder.models == ["fixed", "fixed"]


async def test_a_completion_is_recorded_once_whether_it_streams_or_not() -> None:
    recorder = UsageRecorder()
    subject = RecordedCompletions(
        GuardedCompletions(WordGuard(), {"three": ThreeTokens()}), recorder
    )

    await subject.async_chat("three", request())
    text = [chunk.text async for chunk in subject.async_stream("three", request())]

    assert "".join(text) == "one two three"
    assert recorder.models == ["three", "three"]
    assert recorder.tokens == 6
