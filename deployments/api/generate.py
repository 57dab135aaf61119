"""``POST /v1/assistant/generate``: the product."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from deployments.api.call import Call, Reply, checked_identifier, reply
from deployments.api.errors import error_object
from deployments.api.schemas import NOT_BLANK, TimedBody
from deployments.api.sse import EventStream, event
from genai.access.demand import Demand
from genai.base.prompt import estimate_tokens
from genai.errors import GenAIError, InvalidInput
from genai.messages import (
    Answer,
    AnswerEvent,
    Citation,
    CitationEvent,
    Decision,
    DoneEvent,
    Question,
    Route,
    Sampling,
    Step,
    StepEvent,
    TokenEvent,
    Usage,
)
from genai.money import usd

MetadataText = Annotated[str, StringConstraints(max_length=512)]


class GenerateBody(TimedBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"input": "What does a replacement card cost?"},
                {"input": "How many customers do we have?", "route": "agent", "stream": True},
            ]
        }
    )

    input: Annotated[str, NOT_BLANK] = Field(description="The question, in plain language.")
    session_id: str | None = Field(
        default=None,
        description="Continues a session. Without it a new one begins; the answer has its id.",
    )
    route: Route = Field(default="auto", description="Who answers; `auto` chooses.")
    stream: bool = Field(default=False, description="Answer with server-sent events.")
    max_tokens: int = Field(default=512, ge=1, le=100_000)
    temperature: float = Field(default=0.0, ge=0, le=2)
    metadata: Annotated[dict[str, MetadataText], Field(max_length=16)] = Field(
        default={}, description="Comes back with the answer; has no effect on it."
    )


class UsageOut(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost_usd: float


class GeneratedAnswer(BaseModel):
    """An answer that passed every check. With `stream`, the data of the event `done`."""

    id: str
    output: str
    route: Literal["chat", "rag", "agent"]
    model: str
    session_id: str | None
    citations: tuple[Citation, ...]
    steps: tuple[Step, ...]
    safety: tuple[Decision, ...]
    usage: UsageOut
    finish_reason: str
    timings_ms: dict[str, float]
    degraded: bool
    degraded_reason: str | None = Field(description="Why another model than the asked one spoke.")
    metadata: dict[str, str]


async def generate(call: Call, body: GenerateBody) -> Reply | EventStream:
    """Answer a question from the documents, the databases or the model.

    With `stream`, events `token`, `step` and `citation` come as they happen, then one `done` with
    the whole answer, or one `error`.
    """
    question = _question(call, body)
    if body.stream:
        events = call.services.assistant.async_stream(question, call.metered())
        return EventStream(events, _encoder(call, body.metadata), encode_error, call.is_accounted)
    answer = await call.services.assistant.async_answer(question)
    call.usage = answer.usage
    return reply(answer_object(call, answer, body.metadata))


def estimate(call: Call, body: GenerateBody) -> Demand:
    if body.session_id is not None:
        checked_identifier(body.session_id, "session_id")
    call.prompt_tokens = estimate_tokens(body.input)
    size = len(body.input.encode())
    micro_usd = call.services.quotes.of_question(body.route, size, body.max_tokens, call.within_s())
    tokens = call.prompt_tokens + body.max_tokens
    return Demand("assistant", tokens, micro_usd, body.session_id)


def encode_error(error: GenAIError, request_id: str) -> bytes:
    return event("error", {"error": error_object(error, request_id)})


def answer_object(call: Call, answer: Answer, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "id": call.shown_id(answer.id),
        "output": answer.text,
        "route": answer.route,
        "model": answer.model,
        "session_id": answer.session_id,
        "citations": [vars(citation) for citation in answer.citations],
        "steps": [vars(step) for step in answer.steps],
        "safety": [vars(decision) for decision in answer.safety],
        "usage": usage_object(answer.usage),
        "finish_reason": answer.finish_reason,
        "timings_ms": answer.timings_ms,
        "degraded": answer.degraded is not None,
        "degraded_reason": answer.degraded,
        "metadata": metadata,
    }


def usage_object(usage: Usage) -> dict[str, float]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "cost_usd": usd(usage.cost_micro_usd),
    }


def _question(call: Call, body: GenerateBody) -> Question:
    most = call.services.settings.http.max_input_chars
    if len(body.input) > most:
        raise InvalidInput(f"input may have at most {most} characters", "input")
    session_id = body.session_id
    return Question(
        text=body.input,
        context=call.context(),
        session_id=session_id or f"ses_{uuid4().hex}",
        route=body.route,
        sampling=Sampling(max_tokens=body.max_tokens, temperature=body.temperature),
    )


def _encoder(call: Call, metadata: dict[str, str]) -> Callable[[AnswerEvent], bytes]:
    """Tokens are most of all events, so their bytes are joined by hand."""
    dumps = orjson.dumps

    def encode(item: AnswerEvent) -> bytes:
        if isinstance(item, TokenEvent):
            return b'event: token\ndata: {"text":' + dumps(item.text) + b"}\n\n"
        if isinstance(item, StepEvent):
            return event("step", vars(item.step))
        if isinstance(item, CitationEvent):
            return event("citation", vars(item.citation))
        assert isinstance(item, DoneEvent)
        call.usage = item.answer.usage
        return event("done", answer_object(call, item.answer, metadata))

    return encode
