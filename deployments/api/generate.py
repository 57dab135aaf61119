"""``POST /v1/assistant/generate``: questions to the assistant."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import ConfigDict, Field, StringConstraints

from deployments.api import runs
from deployments.api.answers import answer_object, encode_error, encode_event
from deployments.api.call import Call, Reply, reply
from deployments.api.schemas import NOT_BLANK, TimedBody
from deployments.api.sse import EventStream
from genai.access.demand import Demand
from genai.base.prompt import estimate_tokens
from genai.errors import InvalidInput
from genai.events import AnswerEvent, DoneEvent
from genai.memory.names import checked
from genai.memory.session_ids import new_session_id
from genai.messages import OnBreak, Question, Sampling
from genai.settings.plans import no_such_plan

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
        description="Continues a session. Without it a new one begins; the answer has its id, unless it "
        "could not be stored. Of those that nobody has come back to, only a user's newest are kept.",
    )
    route: Literal["auto", "chat", "rag", "agent"] = Field(
        default="auto", description="Who answers; `auto` chooses."
    )
    plan: str | None = Field(
        default=None,
        max_length=64,
        description="The plan that answers, one of those that the operator has configured: several "
        "agents and tools together. `route` is `auto` then, and the answer's is `plan`.",
    )
    stream: bool = Field(default=False, description="Answer with server-sent events.")
    max_tokens: int = Field(default=512, ge=1, le=100_000)
    temperature: float = Field(default=0.0, ge=0, le=2)
    durable: bool = Field(
        default=False,
        description="Go on when the caller leaves or a server dies; `/v1/runs` leads back to it.",
    )
    on_break: OnBreak = Field(
        default="continue",
        description="When the stream of a model breaks off: `continue` it where that is possible, or "
        "`restart`. The event `restart` then says that all the tokens before it are void.",
    )
    metadata: Annotated[dict[str, MetadataText], Field(max_length=16)] = Field(
        default={}, description="Comes back with the answer; has no effect on it."
    )


async def generate(call: Call, body: GenerateBody) -> Reply | EventStream:
    """Answer a question from the documents, the databases or the model.

    With `stream`, events `token`, `step`, `citation` and `approval` come as they happen, then one
    `done` with the whole answer, or one `error`. With `durable` they are numbered, and the first is
    `run` with the id of the run.
    """
    question = _question(call, body)
    if body.durable:
        call.limits = await call.services.runner.async_begin(question, body.metadata)
        answers = runs.stream if body.stream else runs.wait
        return await answers(call, question.run_id)
    if body.stream:
        events = call.services.assistant.async_stream(question, call.metered())
        return EventStream(events, _encoder(call, body.metadata), encode_error, call.is_accounted)
    answer = await call.services.assistant.async_answer(question)
    call.usage = answer.usage
    return reply(answer_object(call, answer, body.metadata))


def estimate(call: Call, body: GenerateBody) -> Demand | None:
    if body.session_id is not None:
        checked(body.session_id, "session_id")
    if body.durable:
        return None  # the run is admitted by itself, however long it takes
    call.prompt_tokens, call.max_tokens = estimate_tokens(body.input), body.max_tokens
    size = len(body.input.encode())
    micro_usd = call.services.quotes.of_question(
        body.route, size, body.max_tokens, call.within_s(), body.plan or ""
    )
    tokens = call.prompt_tokens + body.max_tokens
    return Demand("assistant", tokens, micro_usd, body.session_id)


def _question(call: Call, body: GenerateBody) -> Question:
    most = call.services.settings.http.max_input_chars
    if len(body.input) > most:
        raise InvalidInput(f"input may have at most {most} characters", "input")
    if body.plan is not None:
        _check_plan(call, body.plan, body.route)
    session_id = body.session_id or new_session_id()
    return Question(
        text=body.input,
        context=call.context().model_copy(update={"affinity": session_id}),
        session_id=session_id,
        begins=body.session_id is None,
        route=body.route,
        plan=body.plan or "",
        sampling=Sampling(
            max_tokens=body.max_tokens, temperature=body.temperature, on_break=body.on_break
        ),
        run_id=_run_id(call),
    )


def _check_plan(call: Call, plan: str, route: str) -> None:
    if plan not in call.services.settings.plans:
        raise no_such_plan(call.services.settings.plans)
    if route != "auto":
        raise InvalidInput("a plan goes with the route auto", "route")


def _run_id(call: Call) -> str:
    """Derived from the idempotency key, if any, so that a repeated request leads to the same run."""
    key = call.headers.get(b"idempotency-key")
    if key is None:
        return f"run_{uuid4().hex}"
    principal = call.principal
    said = b"|".join((principal.tenant.encode(), principal.user.encode(), key))
    return f"run_{hashlib.sha256(said).hexdigest()[:32]}"


def _encoder(call: Call, metadata: dict[str, str]) -> Callable[[AnswerEvent], bytes]:
    def encode(item: AnswerEvent) -> bytes:
        if isinstance(item, DoneEvent):
            call.usage = item.answer.usage
        return encode_event(call, item, metadata)

    return encode
