"""What flows through the system: frozen values that may cross any process border.

    Question ──▶ ChatRequest ──▶ Completion ──▶ Draft ──▶ Answer
                                  (Chunk …)     (`genai.events`)

The request's identity and deadline travel inside the message (`RequestContext`), because context
variables do not cross replicas.
"""

import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """Immutable, and strict about its fields: a misspelt one is an error, not silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# -- the request ----------------------------------------------------------------------


Role = Literal["user", "operator", "admin", "auditor", "contributor"]
"""A ``contributor`` consents to training on their questions and answers."""


class RequestContext(Value):
    """Identity, deadline and budget of a request.

    ``deadline`` is Unix time in seconds. ``allowance_micro_usd`` is the rest of the budget; None means no
    limit. ``effect_key`` identifies one call of a tool with side effects. ``traceparent`` is in W3C Trace
    Context format. ``route`` is the requested route until the actual one is known. Requests with the same
    ``affinity`` (the session) get the same version of a model.
    """

    request_id: str
    tenant: str
    user: str
    deadline: float
    key_id: str = ""
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    allowance_micro_usd: int | None = None
    effect_key: str = ""
    traceparent: str = ""
    route: str = ""
    affinity: str = ""

    def remaining_s(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self.deadline - time.time())

    def less(self, spent_micro_usd: int) -> "RequestContext":
        """The context with a smaller allowance, if there is a budget."""
        if self.allowance_micro_usd is None or not spent_micro_usd:
            return self
        left = max(0, self.allowance_micro_usd - spent_micro_usd)
        return self.model_copy(update={"allowance_micro_usd": left})


# -- calls of models ----------------------------------------------------------------------------


class ToolCall(Value):
    """``arguments`` is JSON text, exactly as the model wrote it; it may be malformed."""

    id: str
    name: str
    arguments: str


class ToolSpec(Value):
    """A tool as a model sees it. ``parameters`` is a JSON schema, as JSON text."""

    name: str
    description: str = ""
    parameters: str = '{"type": "object", "properties": {}}'


class Message(Value):
    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


class Passage(Value):
    """A piece of a document. ``score`` orders passages of one search; higher is better.

    ``start`` and ``end`` are character offsets of ``text`` in the document. ``lead`` is context that the text
    needs: the header of its table, the line that introduces its list. ``asked`` and ``unanswered`` are hints:
    questions that the section answers, or only seems to answer.
    """

    document_id: str
    title: str
    text: str
    section: str = ""
    lead: str = ""
    asked: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    score: float = 0.0
    start: int = 0
    end: int = 0


OnBreak = Literal["continue", "restart"]


class Sampling(Value):
    """Sampling parameters. ``json_schema`` is JSON text; engines that cannot enforce it refuse the request.

    ``on_break`` says what to do if the stream of a model is interrupted: continue the answer if possible, or
    start another one.
    """

    max_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    stop: tuple[str, ...] = ()
    seed: int | None = None
    json_schema: str | None = None
    on_break: OnBreak = "continue"


class ChatRequest(Value):
    """A call of a model. ``passages`` are the sources of a RAG answer, found by ``query``, which is
    self-contained.

    ``tool_choice`` is ``auto``, ``none``, ``required``, or the name of the tool that must be called.
    """

    messages: tuple[Message, ...]
    context: RequestContext
    sampling: Sampling = Sampling()
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: str = "auto"
    passages: tuple[Passage, ...] = ()
    query: str = ""


FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "approval"]


class Bill(Value):
    """The usage of one model, and its cost in micro-dollars."""

    model: str
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_micro_usd: int = 0

    def __add__(self, other: "Bill") -> "Bill":
        return Bill(
            model=self.model,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost_micro_usd=self.cost_micro_usd + other.cost_micro_usd,
        )


class Usage(Value):
    """Tokens of one or several calls, and their cost in micro-dollars.

    ``cached_tokens`` are prompt tokens from a model's prefix cache. ``bills`` has an entry for each model
    with a price.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micro_usd: int = 0
    cached_tokens: int = 0
    bills: tuple[Bill, ...] = ()

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost_micro_usd=self.cost_micro_usd + other.cost_micro_usd,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            bills=_joined(self.bills, other.bills),
        )


def _joined(some: tuple[Bill, ...], more: tuple[Bill, ...]) -> tuple[Bill, ...]:
    if not (some and more):
        return some or more
    by_model = {bill.model: bill for bill in some}
    for bill in more:
        known = by_model.get(bill.model)
        by_model[bill.model] = known + bill if known else bill
    return tuple(by_model.values())


class Decision(Value):
    """The decision of a safety check, and its duration. Never contains the checked text."""

    check: str
    stage: Literal["input", "retrieval", "tool", "output"]
    action: Literal["allow", "redact", "block"]
    rule: str = ""
    score: float = 0.0
    ms: float = 0.0


class Completion(Value):
    """A model's complete answer. ``degraded`` says why a fallback answered instead of the requested model;
    ``safety`` has decisions of checks.
    """

    text: str
    model: str
    finish_reason: FinishReason = "stop"
    tool_calls: tuple[ToolCall, ...] = ()
    citations: tuple["Citation", ...] = ()
    usage: Usage = Usage()
    degraded: str | None = None
    safety: tuple[Decision, ...] = ()


class ToolCallDelta(Value):
    """A part of a streamed tool call: the first part of an ``index`` carries id and name."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


class Chunk(Value):
    """A part of a streamed answer: any number of tokens. The last one carries the usage.

    ``spent`` is the usage so far, if the model reports it or has a price; it is charged to callers that
    disconnect. ``restarted`` invalidates all earlier chunks: another answer begins.
    """

    text: str = ""
    model: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    citations: tuple["Citation", ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    spent: Usage | None = None
    degraded: str | None = None
    safety: tuple[Decision, ...] = ()
    restarted: bool = False


# -- questions and answers --------------------------------------------------------------------------

Route = Literal["auto", "chat", "rag", "agent", "plan"]
"""``plan`` combines several of the others (`genai.plans`)."""


class Turn(Value):
    """One message of a session, with its length in tokens and the time it was stored (Unix)."""

    role: Literal["user", "assistant"]
    content: str
    tokens: int = 0
    at: float = 0.0


class Material(Value):
    """The output of another part of a plan, shown to a model as data, never as instructions."""

    source: str
    text: str


class Question(Value):
    """A question of a user. ``history`` has earlier turns, oldest first, within the token budget.

    ``private`` maps placeholders to personal data, for tools that require it; never for models or logs.
    ``run_id`` identifies the journal; with ``durable`` it is stored from the first step on. ``begins`` means
    that the session is new.

    ``plan`` is the plan that must answer. Parts of plans get questions as well: ``place`` identifies the
    part, ``whole`` is the original question, and ``material`` has the output of earlier parts.
    """

    text: str
    context: RequestContext
    session_id: str | None = None
    route: Route = "auto"
    history: tuple[Turn, ...] = ()
    sampling: Sampling = Sampling()
    private: dict[str, str] = Field(default={}, repr=False)
    run_id: str = ""
    durable: bool = False
    begins: bool = False
    plan: str = ""
    place: str = ""
    whole: "Question | None" = None
    material: tuple[Material, ...] = ()


class Citation(Value):
    """A source of an answer. ``quote`` is verbatim from the document."""

    document_id: str
    title: str
    quote: str
    section: str = ""
    score: float = 0.0


class Step(Value):
    """One tool call of an agent. ``arguments`` is JSON text."""

    tool: str
    arguments: str
    observation: str
    seconds: float
    error: str | None = None


class ApprovalRequest(Value):
    """A tool call that needs a person's approval. ``arguments`` is JSON text.

    ``why`` is ``outcome_unknown`` if an approved call was started before and its outcome is not known:
    approving it again may repeat its effect. ``expires_at`` is Unix time.
    """

    id: str
    run_id: str
    tool: str
    arguments: str
    why: Literal["side_effects", "outcome_unknown"] = "side_effects"
    expires_at: float


Certainty = Literal["certain", "uncertain", "unknown"]
"""Whether the documents answer. If ``uncertain``, the closest sentences are quoted."""


class Draft(Value):
    """An answer before the output checks. With an ``approval``, the run waits and will continue.

    ``safety`` has the decisions of checks so far, ``plan`` the name of the plan that was used.
    ``certainty`` is None if no documents were searched.
    """

    text: str
    route: Route
    model: str
    plan: str = ""
    certainty: Certainty | None = None
    citations: tuple[Citation, ...] = ()
    steps: tuple[Step, ...] = ()
    usage: Usage = Usage()
    finish_reason: FinishReason = "stop"
    timings_ms: dict[str, float] = {}
    degraded: str | None = None
    approval: ApprovalRequest | None = None
    safety: tuple[Decision, ...] = ()


class Answer(Draft):
    """A checked answer."""

    id: str
    session_id: str | None = None
