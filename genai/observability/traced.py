"""Wrappers of answerers, models, guards and tools that open a span around each call."""

from collections.abc import AsyncIterator, Mapping

from pydantic import BaseModel

from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM, WrappedLLM
from genai.base.tool import BaseTool, Observation, WrappedTool
from genai.events import DraftEvent, DraftStreamEvent
from genai.messages import ChatRequest, Chunk, Completion, Draft, Question, RequestContext, Usage
from genai.observability.tracing import Attribute, Tracer, below
from genai.safety.base import Guard, Stage, Verdict
from genai.streams import closing


class TracedAnswerer(BaseAnswerer):
    def __init__(self, inner: BaseAnswerer, name: str, tracer: Tracer) -> None:
        self._inner = inner
        self._name = name
        self._tracer = tracer

    async def async_answer(self, question: Question) -> Draft:
        with self._tracer.step(self._name, question.context) as span:
            context = below(span, question.context)
            draft = await self._inner.async_answer(_in(question, context))
            span.note(_about(draft.model, draft.usage, draft.degraded))
            return draft

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        with self._tracer.step(self._name, question.context) as span:
            context = below(span, question.context)
            async with closing(self._inner.async_stream(_in(question, context))) as events:
                async for event in events:
                    if isinstance(event, DraftEvent):
                        draft = event.draft
                        span.note(_about(draft.model, draft.usage, draft.degraded))
                    yield event


class TracedLLM(WrappedLLM):
    def __init__(self, inner: BaseLLM, tracer: Tracer) -> None:
        super().__init__(inner)
        self._tracer = tracer

    async def async_chat(self, request: ChatRequest) -> Completion:
        with self._tracer.step(f"llm {self.name}", request.context) as span:
            said = await self._inner.async_chat(_below(request, below(span, request.context)))
            span.note(_about(said.model, said.usage, said.degraded))
            return said

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        with self._tracer.step(f"llm {self.name}", request.context) as span:
            asked = _below(request, below(span, request.context))
            async with closing(self._inner.async_stream(asked)) as chunks:
                async for chunk in chunks:
                    if chunk.usage is not None:
                        span.note(_about(chunk.model, chunk.usage, chunk.degraded))
                    yield chunk


class TracedGuard(Guard):
    """Checks of parts of a stream get no span."""

    def __init__(self, inner: Guard, tracer: Tracer) -> None:
        self._inner = inner
        self._tracer = tracer

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        if start or not final:
            return await self._inner.async_inspect(text, stage, context, final=final, start=start)
        with self._tracer.step(f"safety {stage}", context) as span:
            verdict = await self._inner.async_inspect(text, stage, below(span, context))
            span.note({"genai.safety.action": verdict.action})
            return verdict


class TracedTool(WrappedTool):
    def __init__(self, inner: BaseTool, tracer: Tracer) -> None:
        super().__init__(inner)
        self._tracer = tracer

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        with self._tracer.step(f"tool {self.name}", context) as span:
            seen = await self._inner.async_run(arguments, below(span, context))
            span.note({"gen_ai.tool.name": self.name, "genai.tool.failed": seen.error is not None})
            return seen


def _in(question: Question, context: RequestContext) -> Question:
    if context is question.context:
        return question
    return question.model_copy(update={"context": context})


def _below(request: ChatRequest, context: RequestContext) -> ChatRequest:
    if context is request.context:
        return request
    return request.model_copy(update={"context": context})


def _about(model: str, usage: Usage, degraded: str | None) -> Mapping[str, Attribute]:
    return {
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
        "genai.degraded": degraded is not None,
    }
