"""Everything the HTTP face needs from the rest of the system, and nothing of how it is made.

The ingress fills one `Services` a process; tests fill it with fakes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from deployments.api.shutdown import Shutdown
from genai.access.administration import NewKey
from genai.access.budgets import BudgetStatus, Scope
from genai.access.demand import Demand
from genai.access.erasure import Receipt
from genai.access.idempotency import StoredReply
from genai.access.keys import KeyRecord
from genai.access.limits import LimitHeaders
from genai.access.principal import Budget, Principal
from genai.access.quotes import Quotes
from genai.access.usage import UsageRow
from genai.approvals.approval import Approval
from genai.approvals.decisions import Choice
from genai.audit.chain import Entry, Head
from genai.base.embedder import BaseEmbedder
from genai.base.memory import BaseMemory
from genai.base.tool import Observation
from genai.base.vault import Vault
from genai.errors import GenAIError
from genai.messages import (
    Answer,
    AnswerEvent,
    ChatRequest,
    Chunk,
    Completion,
    Question,
    RequestContext,
    ToolSpec,
    Usage,
    Value,
)
from genai.meter import Meter
from genai.observability.tracing import Tracer
from genai.rag.base import Document, DocumentStore
from genai.rag.conversion import File
from genai.runs.reader import RunView
from genai.runs.run import Run, RunEvent
from genai.settings.application import Settings


class Keys(Protocol):
    async def async_authenticate(self, key: str, /) -> Principal:
        """Raises `Unauthenticated` for a key that is unknown or revoked."""
        ...


class Permit(Protocol):
    """The right to do one request, with what was set aside for it."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """``x-ratelimit-...`` and their values, in OpenAI's names."""
        ...

    @property
    def id(self) -> str:
        """What `Admission.release` calls it."""
        ...

    @property
    def allowance_micro_usd(self) -> int | None:
        """What the request may spend; None when no budget applies."""
        ...

    async def async_settle(self, usage: Usage | None) -> None:
        """Charge what was used and free the rest; all that was set aside when None is known.

        Must be called, however the request ended. A second time does nothing.
        """
        ...


class Place(Protocol):
    def begin(self) -> None:
        """The first part of a stream is there. How long the rest takes is up to the caller, too."""
        ...

    def leave(self, tokens: int | None, *, telling: bool = False) -> None:
        """Make room for others. A second time does nothing.

        ``telling`` is how long an answer took that no caller could have slowed down.
        """
        ...


class Queue(Protocol):
    async def async_enter(self, tenant: str, tokens: int, kind: str = "") -> Place:
        """A place to run in, at once or after others. Raises `Overloaded` at once when it is full."""
        ...

    def flooded(self) -> None:
        """Somebody was refused on behalf of this queue."""
        ...

    def room(self, tenant: str) -> float | None:
        """How many requests of the tenant find a place in a flood; None when there is none."""
        ...


class Admission(Protocol):
    async def async_admit(self, principal: Principal, demand: Demand, *, request_id: str) -> Permit:
        """Let a request in; raises `RateLimited` and `BudgetExceeded`."""
        ...

    def release(self, principal: Principal, permit: str) -> None:
        """Set free what a process that died had set aside for the same request."""
        ...


class Claim(Protocol):
    """The exclusive right to carry out the request with one idempotency key."""

    abandoned_permit: str
    """Of a process that died with this request; empty when there was none."""

    def note_permit(self, permit: str) -> None:
        """Remember what was set aside for the request."""
        ...

    async def async_finish(self, reply: StoredReply) -> None:
        """Give ``reply`` to every later request with the same key."""
        ...

    async def async_abandon(self) -> None:
        """Let the next request with the same key try again."""
        ...


class Idempotency(Protocol):
    async def async_claim(
        self, principal: Principal, *, route: str, key: str, payload: bytes, wait_s: float
    ) -> Claim | StoredReply:
        """Waits ``wait_s`` for a first request that still runs, and then raises `Conflict`.

        Raises `InvalidInput` when the key was used for another payload.
        """
        ...


class UsageReports(Protocol):
    async def async_report(
        self, principal: Principal, *, days: int, user: str | None
    ) -> tuple[UsageRow, ...]:
        """The last ``days`` days of the tenant, or of one of its users, newest first."""
        ...


class Administrators(Protocol):
    """What administrators do, each within the own tenant. Raises `NotFound` for what is not there."""

    async def async_create_key(self, by: Principal, wanted: NewKey) -> tuple[str, KeyRecord]: ...

    async def async_list_keys(self, by: Principal) -> tuple[KeyRecord, ...]: ...

    async def async_revoke_key(self, by: Principal, key_id: str) -> None: ...

    async def async_set_budget(
        self, by: Principal, scope: Scope, name: str, budget: Budget
    ) -> BudgetStatus: ...

    async def async_budget(self, by: Principal, scope: Scope, name: str) -> BudgetStatus: ...

    async def async_erase(self, by: Principal, user: str) -> Receipt: ...

    async def async_audit(
        self, by: Principal, *, after: int, limit: int
    ) -> tuple[tuple[Entry, ...], Head]: ...


class RefusalLog(Protocol):
    def refused(
        self, tenant: str, key_id: str, operation: str, request_id: str, error: GenAIError
    ) -> None:
        """Note that a request was refused, when its error is a decision. Returns at once."""
        ...


class FileReader(Protocol):
    async def async_read(self, file: File) -> Document:
        """Raises `InvalidInput` for a file that cannot be read."""
        ...


class DocumentOwners(Protocol):
    async def async_note(self, tenant: str, user: str, document_id: str) -> None: ...

    async def async_forget(self, tenant: str, document_id: str) -> None: ...


class Feedback(Value):
    """What a person thought of an answer."""

    id: str
    answer_id: str
    rating: Literal["up", "down"]
    comment: str = ""
    at: float


class FeedbackStore(Protocol):
    async def async_add(self, tenant: str, user: str, feedback: Feedback) -> None:
        """Raises `BackendFailed`."""
        ...


class AnswerIds(Protocol):
    def sealed(self, answer_id: str, principal: Principal) -> str:
        """The id as clients are shown it: it proves who got the answer."""
        ...

    def check(self, sealed: str, principal: Principal) -> None:
        """Raise `NotFound` unless the principal got the answer."""
        ...


class Runner(Protocol):
    async def async_begin(self, question: Question, metadata: dict[str, str]) -> LimitHeaders:
        """Work on a question, whether or not its caller stays. Says what its limits are.

        Raises what limits and checks raise; then there is no run. Once there is, nothing is begun.
        """
        ...


class Runs(Protocol):
    """Those of others do not exist."""

    async def async_run(self, principal: Principal, run_id: str) -> Run:
        """Raises `NotFound`."""
        ...

    async def async_view(self, principal: Principal, run_id: str) -> RunView:
        """Raises `NotFound`."""
        ...

    def async_follow(
        self, principal: Principal, run_id: str, *, after: int, until: float
    ) -> AsyncIterator[tuple[int, RunEvent]]:
        """The events behind the first ``after``, with their numbers, as they come.

        Ends with the run, when the run begins to wait for an approval, and at the time ``until``.
        """
        ...


class Tools(Protocol):
    """What callers may use without the agent: tools that only look."""

    async def async_specs(self, context: RequestContext) -> tuple[ToolSpec, ...]: ...

    async def async_use(self, name: str, arguments: str, context: RequestContext) -> Observation:
        """Raises `InvalidInput` for an unknown tool, and what the tool raises."""
        ...


class ApprovalDecisions(Protocol):
    """Raises `NotFound` for what belongs to others, unless the role may see it."""

    async def async_list(self, by: Principal, *, limit: int) -> tuple[Approval, ...]: ...

    async def async_get(self, by: Principal, approval_id: str) -> Approval: ...

    async def async_decide(
        self, by: Principal, approval_id: str, choice: Choice, *, arguments: str, comment: str
    ) -> Approval:
        """Raises `Conflict` when it was decided otherwise, or can no longer be."""
        ...


class AssistantService(Protocol):
    """Checks, answers, checks again. Remembers the turns of a question that has a session."""

    async def async_answer(self, question: Question) -> Answer: ...

    def async_stream(
        self, question: Question, meter: Meter | None = None
    ) -> AsyncIterator[AnswerEvent]:
        """Tells the meter what was used so far, as the events come."""
        ...


class CompletionService(Protocol):
    """Guarded access to the configured models by name; raises `NotFound` for an unknown one."""

    async def async_chat(self, model: str, request: ChatRequest) -> Completion: ...

    def async_stream(
        self, model: str, request: ChatRequest, meter: Meter | None = None
    ) -> AsyncIterator[Chunk]:
        """Tells the meter what was used so far, as the chunks come."""
        ...

    def models(self) -> tuple[str, ...]:
        """All that are configured."""
        ...

    async def async_available(self) -> tuple[str, ...]:
        """Those of them that can be asked now; asks the processes that host them."""
        ...


class RequestRecorder(Protocol):
    """Told once about every finished request. Must return at once."""

    def request(
        self, *, request_id: str, operation: str, status: int, seconds: float, tenant: str
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    settings: Settings
    assistant: AssistantService
    completions: CompletionService
    embedder: BaseEmbedder
    documents: DocumentStore
    converter: FileReader
    memory: BaseMemory
    vault: Vault
    feedback: FeedbackStore
    answer_ids: AnswerIds
    keys: Keys
    quotes: Quotes
    queue: Queue
    admission: Admission
    idempotency: Idempotency
    usage: UsageReports
    administration: Administrators
    runner: Runner
    runs: Runs
    approvals: ApprovalDecisions
    toolbox: Tools
    audit: RefusalLog
    owners: DocumentOwners
    recorder: RequestRecorder
    tracer: Tracer
    shutdown: Shutdown = field(default_factory=Shutdown)
    readiness: Callable[[], Awaitable[dict[str, str]]]
    """Names of the dependencies that fail now, and why; empty when every request can be served."""

    metrics: Callable[[], Awaitable[bytes]]
    """The metrics of all processes of this service in Prometheus' text format."""
