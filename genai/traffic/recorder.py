"""Records every request of the assistant in the traffic log, for drift checks and promotion."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import numpy as np

from genai.base.embedder import BaseEmbedder
from genai.base.evaluator import EvaluationExample
from genai.errors import ContentRefused, GenAIError
from genai.evaluators.groundedness import Groundedness
from genai.events import AnswerEvent, DoneEvent
from genai.messages import Answer, Decision, Question
from genai.meter import Meter
from genai.money import usd
from genai.observability.background import Background
from genai.observability.recorded import RecordedAssistant
from genai.settings.observability import TrafficSettings
from genai.streams import closing
from genai.traffic.log import TrafficLog
from genai.traffic.observed import Observed

PROJECTED = 32
_PROJECTION = np.random.default_rng(58_321).normal(size=(4096, PROJECTED)) / PROJECTED**0.5

Assigned = Callable[[Question], Awaitable[str]]
"""The model slot that a question is assigned to; empty where the answer names it."""


class TrafficRecorder(Background[tuple[str, Answer | None, Observed]]):
    """Adds embedding and score to a sample of the records and writes all of them, in the background.

    Embedding a long question costs as much as answering ten. So after each there is a pause in proportion
    to the time it took.
    """

    def __init__(
        self,
        log: TrafficLog,
        embedder: BaseEmbedder,
        settings: TrafficSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._log = log
        self._embedder = embedder
        self._settings = settings
        self._clock = clock
        self._paused_until = float("-inf")
        self._judge = Groundedness()

    async def async_handle(self, events: list[tuple[str, Answer | None, Observed]]) -> None:
        for text, answer, observed in events:
            if self._is_sampled():
                observed = observed.model_copy(update=await self._sampled_with_pause(text, answer))
            self._log.note(observed)

    def _is_sampled(self) -> bool:
        chosen = random.random() < self._settings.sampled  # noqa: S311 - only a sample
        return chosen and self._clock() >= self._paused_until

    async def _sampled_with_pause(self, text: str, answer: Answer | None) -> dict[str, object]:
        began = self._clock()
        found = await self._sampled(text, answer)
        ended = self._clock()
        self._paused_until = ended + (ended - began) * (1 / self._settings.busy_share - 1)
        return found

    async def _sampled(self, text: str, answer: Answer | None) -> dict[str, object]:
        try:
            [vector] = await self._embedder.async_embed([text])
        except GenAIError:
            return {}
        found: dict[str, object] = {"embedding": projected(vector)}
        if answer is not None and answer.citations:
            judged = await self._judge.async_evaluate(EvaluationExample(id="", input=""), answer)
            found["score"] = judged.value
        return found


class TrafficRecordedAssistant:
    """A wrapper of the assistant that records each answer and each failure."""

    def __init__(
        self, inner: RecordedAssistant, recorder: TrafficRecorder, assigned: Assigned
    ) -> None:
        self._inner = inner
        self._recorder = recorder
        self._assigned = assigned

    async def async_answer(self, question: Question) -> Answer:
        started = time.perf_counter()
        try:
            answer = await self._inner.async_answer(question)
        except GenAIError as error:
            await self._failed(question, error, started)
            raise
        self._answered(question, answer, started)
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
        started = time.perf_counter()
        try:
            async with closing(
                self._inner.async_stream(question, meter, input_decisions=input_decisions)
            ) as events:
                async for event in events:
                    if isinstance(event, DoneEvent):
                        self._answered(question, event.answer, started)
                    yield event
        except GenAIError as error:
            await self._failed(question, error, started)
            raise

    def _answered(self, question: Question, answer: Answer, started: float) -> None:
        alone = answer.degraded and not answer.plan
        requested = answer.degraded.partition(":")[0] if answer.degraded and alone else answer.model
        observed = Observed(
            answer_id=answer.id,
            at=time.time(),
            outcome="refused" if answer.finish_reason == "content_filter" else "answered",
            route=answer.route,
            model=requested,
            degraded=answer.degraded is not None,
            seconds=time.perf_counter() - started,
            prompt_tokens=answer.usage.prompt_tokens,
            completion_tokens=answer.usage.completion_tokens,
            cost_usd=usd(answer.usage.cost_micro_usd),
            input_chars=len(question.text),
            output_chars=len(answer.text),
        )
        self._recorder.offer((question.text, answer, observed))

    async def _failed(self, question: Question, error: GenAIError, started: float) -> None:
        observed = Observed(
            at=time.time(),
            outcome="refused" if isinstance(error, ContentRefused) else "failed",
            code=error.code,
            route=question.route,
            model=await self._assigned(question),
            seconds=time.perf_counter() - started,
            input_chars=len(question.text),
        )
        self._recorder.offer((question.text, None, observed))


def projected(vector: Sequence[float]) -> tuple[float, ...]:
    found = np.asarray(vector) @ _PROJECTION[: len(vector)]
    return tuple(round(float(value), 4) for value in found)
