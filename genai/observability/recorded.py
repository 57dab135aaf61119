"""Wrappers of the guard, the assistant and the models that report to a recorder."""

import time
from collections.abc import AsyncIterator, Sequence

from genai.assistant import Assistant
from genai.completions import GuardedCompletions
from genai.events import AnswerEvent, DoneEvent
from genai.messages import (
    Answer,
    ChatRequest,
    Chunk,
    Completion,
    Decision,
    Question,
    RequestContext,
)
from genai.meter import Meter
from genai.observability.recorder import Recorder, record_answer, record_completion
from genai.safety.base import Guard, Stage, Verdict
from genai.streams import closing


class RecordedGuard(Guard):
    """Records the decisions of a guard, except for allowed parts of a stream."""

    def __init__(self, inner: Guard, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        verdict = await self._inner.async_inspect(text, stage, context, final=final, start=start)
        if final or verdict.action != "allow":
            self._recorder.decisions(verdict.decisions)
        return verdict


class RecordedAssistant:
    """Records the answers of an assistant."""

    def __init__(self, inner: Assistant, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    async def async_answer(self, question: Question) -> Answer:
        with self._recorder.in_flight("answer"):
            answer = await self._inner.async_answer(question)
        record_answer(self._recorder, question.context, answer)
        return answer

    async def async_admit(self, question: Question) -> tuple[Question, tuple[Decision, ...]]:
        return await self._inner.async_admit(question)

    async def async_stream(
        self,
        question: Question,
        meter: Meter | None = None,
        *,
        input_decisions: Sequence[Decision] | None = None,
    ) -> AsyncIterator[AnswerEvent]:
        with self._recorder.in_flight("answer"):
            stream = self._inner.async_stream(question, meter, input_decisions=input_decisions)
            async with closing(stream) as events:
                async for event in events:
                    if isinstance(event, DoneEvent):
                        record_answer(self._recorder, question.context, event.answer)
                    yield event


class RecordedCompletions:
    """Records direct calls of models."""

    def __init__(self, inner: GuardedCompletions, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def models(self) -> tuple[str, ...]:
        return self._inner.models()

    async def async_available(self) -> tuple[str, ...]:
        return await self._inner.async_available()

    async def async_chat(self, model: str, request: ChatRequest) -> Completion:
        started = time.perf_counter()
        with self._recorder.in_flight("completion"):
            completion = await self._inner.async_chat(model, request)
        self._record(request, completion, started)
        return completion

    async def async_stream(
        self, model: str, request: ChatRequest, meter: Meter | None = None
    ) -> AsyncIterator[Chunk]:
        started = time.perf_counter()
        with self._recorder.in_flight("completion"):
            async with closing(self._inner.async_stream(model, request, meter)) as chunks:
                async for chunk in chunks:
                    if chunk.usage is not None:
                        said = Completion(
                            text="", model=chunk.model, usage=chunk.usage, degraded=chunk.degraded
                        )
                        self._record(request, said, started)
                    yield chunk

    def _record(self, request: ChatRequest, said: Completion, started: float) -> None:
        record_completion(self._recorder, request.context, said, time.perf_counter() - started)
