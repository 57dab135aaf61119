"""Answers in the form that clients see, whole and as events."""

from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

from deployments.api.call import Call
from deployments.api.errors import error_object
from deployments.api.sse import event
from genai.errors import GenAIError
from genai.events import (
    AnswerEvent,
    ApprovalEvent,
    CitationEvent,
    RestartEvent,
    StepEvent,
    TokenEvent,
)
from genai.messages import Answer, Certainty, Citation, Decision, Step, Usage
from genai.money import usd

CERTAINTY = (
    "Whether the documents answer, where they were asked: they do; perhaps, and the nearest that they say is"
    " quoted; they do not."
)

DEGRADED = (
    "Why another model than the asked one spoke, or why an agent gave up: `deadline_exceeded` or"
    " `budget_exceeded`, with the finish reason `length`."
)


class UsageOut(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost_usd: float


class WaitingApproval(BaseModel):
    """An action that waits until somebody approves it at `/v1/approvals/{id}`."""

    id: str
    run_id: str = Field(description="The run that goes on then; see `/v1/runs/{run_id}`.")
    tool: str
    arguments: str = Field(description="JSON text.")
    why: Literal["side_effects", "outcome_unknown"]
    expires_at: float


class GeneratedAnswer(BaseModel):
    """An answer that passed every check. With `stream`, it is the data of the event `done`.

    With an `approval`, the answer is not final.
    """

    id: str
    output: str
    route: Literal["chat", "rag", "agent", "plan"]
    plan: str | None = Field(description="The plan by which it was made, where there is one.")
    model: str
    certainty: Certainty | None = Field(description=CERTAINTY)
    session_id: str | None
    citations: tuple[Citation, ...]
    steps: tuple[Step, ...]
    safety: tuple[Decision, ...]
    usage: UsageOut
    finish_reason: str
    timings_ms: dict[str, float]
    degraded: bool
    degraded_reason: str | None = Field(description=DEGRADED)
    approval: WaitingApproval | None
    run_id: str | None = Field(description="Of a durable run: `GET /v1/runs/{run_id}`.")
    metadata: dict[str, str]


def encode_error(error: GenAIError, request_id: str) -> bytes:
    return event("error", {"error": error_object(error, request_id)})


def answer_object(
    call: Call, answer: Answer, metadata: dict[str, str], run_id: str | None = None
) -> dict[str, Any]:
    return {
        "id": call.shown_id(answer.id),
        "output": answer.text,
        "route": answer.route,
        "plan": answer.plan or None,
        "model": answer.model,
        "certainty": answer.certainty,
        "session_id": answer.session_id,
        "citations": [vars(citation) for citation in answer.citations],
        "steps": [vars(step) for step in answer.steps],
        "safety": [vars(decision) for decision in answer.safety],
        "usage": usage_object(answer.usage),
        "finish_reason": answer.finish_reason,
        "timings_ms": answer.timings_ms,
        "degraded": answer.degraded is not None,
        "degraded_reason": answer.degraded,
        "approval": vars(answer.approval) if answer.approval else None,
        "run_id": run_id,
        "metadata": metadata,
    }


def usage_object(usage: Usage) -> dict[str, float]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "cost_usd": usd(usage.cost_micro_usd),
    }


def encode_event(
    call: Call, item: AnswerEvent, metadata: dict[str, str], run_id: str | None = None
) -> bytes:
    """One server-sent event. Tokens are the bulk of them, so their bytes are joined by hand."""
    if isinstance(item, TokenEvent):
        return b'event: token\ndata: {"text":' + orjson.dumps(item.text) + b"}\n\n"
    if isinstance(item, RestartEvent):
        return event("restart", {"degraded_reason": item.degraded})
    if isinstance(item, StepEvent):
        return event("step", vars(item.step))
    if isinstance(item, CitationEvent):
        return event("citation", vars(item.citation))
    if isinstance(item, ApprovalEvent):
        return event("approval", vars(item.approval))
    return event("done", answer_object(call, item.answer, metadata, run_id))
