"""What flows through the system: frozen values that may cross any process border.

    Question ──▶ ChatRequest ──▶ Completion ──▶ Draft ──▶ Answer
                                  (Chunk …)     (AnswerEvent …)

The request's identity and deadline travel inside the message (`RequestContext`), because context
variables do not cross replicas.
"""

import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """Immutable, and strict about its fields: a misspelt one is an error, not silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# -- who asks, and until when ----------------------------------------------------------------------


Role = Literal["user", "operator", "admin", "auditor", "contributor"]
"""A ``contributor`` consents that models learn from what he asks and is answered."""


class RequestContext(Value):
    """Identity, deadline and money of one request.

    ``deadline`` is Unix time in seconds, ``allowance_micro_usd`` what may still be spent, when there
    is a budget. ``effect_key`` names the one effect that a tool with side effects is called for,
    ``traceparent`` the place in the request's trace, as in W3C's Trace Context, ``route`` where the
    answer comes from, or what was asked for while that is open, ``affinity`` what requests have in
    common that should meet the same version of a model: their session.
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
        """Seconds that are left; never negative."""
        return max(0.0, self.deadline - time.time())

    def less(self, spent_micro_usd: int) -> "RequestContext":
        """The same with less money, where there is a limit to it."""
        if self.allowance_micro_usd is None or not spent_micro_usd:
            return self
        left = max(0, self.allowance_micro_usd - spent_micro_usd)
        return self.model_copy(update={"allowance_micro_usd": left})


# -- talking to a model ----------------------------------------------------------------------------


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

    ``start`` and ``end`` are character offsets of ``text`` in the document. ``lead`` is what the text
    cannot be understood without: the header of its table, the line that introduces its list.
    ``asked`` are questions that its section answers, ``unanswered`` such as it may seem to answer and
    does not, in the words of whoever keeps the document.
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
    """How to generate. ``json_schema`` is JSON text; an engine that cannot obey it refuses.

    ``on_break`` is what the caller prefers when the stream of a model breaks off: the rest of the
    answer, as far as it can be had, or another answer from the start.
    """

    max_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    stop: tuple[str, ...] = ()
    seed: int | None = None
    json_schema: str | None = None
    on_break: OnBreak = "continue"


class ChatRequest(Value):
    """One call of a model. ``passages`` are the sources that a RAG answer may use, and ``query`` the
    question that they were found for, in words that stand without the conversation.

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
    """What one model was used for, and what that cost in millionths of a dollar."""

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
    """Tokens of one or several calls, and what they cost in millionths of a dollar.

    ``cached_tokens`` are those of the prompt that a model had seen before. ``bills`` has one entry
    for each model that has a price.
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
    """What one safety check decided, and how long it took. Never the text that it saw."""

    check: str
    stage: Literal["input", "retrieval", "tool", "output"]
    action: Literal["allow", "redact", "block"]
    rule: str = ""
    score: float = 0.0
    ms: float = 0.0


class Completion(Value):
    """A model's whole answer. ``degraded`` says why another model than the asked one spoke, ``safety``
    what was decided about it on the way.
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
    """A part of a model's answer: any number of tokens. The last one carries the usage.

    ``spent`` is what the answer has used up to here, where the model counts or has a price: what a
    caller owes who stops listening. ``restarted`` says that all chunks before are void: another answer
    begins.
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


# -- asking and answering --------------------------------------------------------------------------

Route = Literal["auto", "chat", "rag", "agent", "plan"]
"""``plan`` is several of the others together, as `genai.plans` carries them out."""


class Turn(Value):
    """One message of a session, with its length in tokens and the time it was stored (Unix)."""

    role: Literal["user", "assistant"]
    content: str
    tokens: int = 0
    at: float = 0.0


class Material(Value):
    """What another part of a plan found, for a model to read as data: never instructions."""

    source: str
    text: str


class Question(Value):
    """What a user asks. ``history`` holds earlier turns, oldest first, within the token budget.

    ``private`` is what the placeholders in these texts stand for. Only tools that ask for it may
    know it; no model and no log. ``run_id`` names the journal of the work on it; ``durable`` has it
    kept from the first step on. ``begins`` says that its session was named for it a moment ago, so that
    nothing was said in it before.

    ``plan`` is the plan that has to answer. What a plan asks of one of its parts is a question, too:
    ``place`` says which part of the run it is, ``whole`` is the question that it is a part of, and
    ``material`` what parts before it have found.
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
    """Where an answer comes from. ``quote`` stands word for word in the document."""

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
    """What a run must not do before a person approved it. ``arguments`` is JSON text.

    ``why`` is ``outcome_unknown`` when it was approved and begun before, and nobody knows how that
    ended: to approve it again may do it twice. ``expires_at`` is Unix time.
    """

    id: str
    run_id: str
    tool: str
    arguments: str
    why: Literal["side_effects", "outcome_unknown"] = "side_effects"
    expires_at: float


Certainty = Literal["certain", "uncertain", "unknown"]
"""Whether documents answer: they do; perhaps, and the nearest that they say is quoted; they do not."""


class Draft(Value):
    """An answer before the output checks. With an ``approval`` it is not the end of the work.

    ``safety`` is what was decided on the way to it, ``plan`` the plan that it was made by.
    ``certainty`` is none where no documents were asked.
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


class TokenEvent(Value):
    """More text of the answer: any number of tokens."""

    type: Literal["token"] = "token"
    text: str


class StepEvent(Value):
    type: Literal["step"] = "step"
    step: Step


class CitationEvent(Value):
    type: Literal["citation"] = "citation"
    citation: Citation


class ApprovalEvent(Value):
    """The run waits for a person. Comes again, the same, when the run is repeated."""

    type: Literal["approval"] = "approval"
    approval: ApprovalRequest


class RestartEvent(Value):
    """A model broke off, and the caller chose to have another answer: what was said before is void."""

    type: Literal["restart"] = "restart"
    degraded: str | None = None


class SpentEvent(Value):
    """What the answer has used up to here. Never leaves the service."""

    type: Literal["spent"] = "spent"
    usage: Usage


class RouteEvent(Value):
    """Where the rest of the answer comes from. Never leaves the service."""

    type: Literal["route"] = "route"
    route: Route


class DraftEvent(Value):
    """The end of an unchecked stream; its text is the concatenation of all the tokens."""

    type: Literal["draft"] = "draft"
    draft: Draft


class DoneEvent(Value):
    """The end of a checked stream."""

    type: Literal["done"] = "done"
    answer: Answer


DraftStreamEvent = Annotated[
    TokenEvent
    | RestartEvent
    | StepEvent
    | CitationEvent
    | ApprovalEvent
    | SpentEvent
    | RouteEvent
    | DraftEvent,
    Field(discriminator="type"),
]
AnswerEvent = Annotated[
    TokenEvent | RestartEvent | StepEvent | CitationEvent | ApprovalEvent | DoneEvent,
    Field(discriminator="type"),
]
