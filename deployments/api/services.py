"""The interfaces that the HTTP API depends on.

The ingress builds one `Services` per process; tests fill it with fakes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from deployments.api.shutdown import Shutdown
from genai.access.administration import NewKey
from genai.access.budgets import BudgetStatus, Scope
from genai.access.demand import Demand
from genai.access.erasure import Receipt
from genai.access.flows import Path
from genai.access.idempotency import StoredReply
from genai.access.keys import KeyRecord
from genai.access.limits import LimitHeaders
from genai.access.principal import Budget, Principal
from genai.access.quotes import Quotes
from genai.access.running_reply import RunningReply
from genai.access.usage import UsageRow
from genai.approvals.approval import Approval
from genai.approvals.decisions import Choice
from genai.audit.chain import Entry, Head
from genai.base.embedder import BaseEmbedder
from genai.base.memory import BaseMemory
from genai.base.tool import Observation
from genai.base.vault import Vault
from genai.errors import GenAIError
from genai.events import AnswerEvent
from genai.messages import (
    Answer,
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
from genai.rag.ingestion.conversion import File
from genai.rag.labels import LabelGuard
from genai.runs.reader import RunView
from genai.runs.run import Run, RunEvent
from genai.settings.application import Settings


class Keys(Protocol):
    async def async_authenticate(self, key: str, /) -> Principal:
        """Raises `Unauthenticated` for a key that is unknown or revoked."""
        ...


class Permit(Protocol):
    """Permission to run one request, with the amount reserved for it."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """``x-ratelimit-...`` and their values, in OpenAI's names."""
        ...

    @property
    def id(self) -> str:
        """The name for `Admission.release`."""
        ...

    @property
    def allowance_micro_usd(self) -> int | None:
        """What the request may spend; None when no budget applies."""
        ...

    async def async_settle(self, usage: Usage | None) -> None:
        """Charge ``usage`` and free the rest of the reservation; without ``usage``, charge all of it.

        Must be called, however the request ended. A second call does nothing.
        """
        ...


class Slot(Protocol):
    def first_part(self) -> None:
        """The first part of a stream is ready. From here on, the caller's speed matters, too."""
        ...

    def release(self, tokens: int | None, *, measured: bool = False) -> None:
        """Free the slot. A second call does nothing.

        ``measured``: the time taken is meaningful, because no slow caller prolonged it.
        """
        ...


class Queue(Protocol):
    async def async_enter(self, path: Path, tokens: int, kind: str = "") -> Slot:
        """A slot to run in, after waiting if necessary. Raises `Overloaded` when there are too many, at
        once for the one that arrives.

        ``path`` names tenant, user and key.
        """
        ...

    def refused_at_edge(self) -> None:
        """HAProxy refused a request on behalf of this queue."""
        ...

    def room(self, path: Path) -> float | None:
        """How many requests of the key fit in while the queue is overloaded; None when it is not."""
        ...


class Admission(Protocol):
    async def async_admit(self, principal: Principal, demand: Demand, *, request_id: str) -> Permit:
        """Admit a request and reserve its cost. Raises `RateLimited` and `BudgetExceeded`."""
        ...

    def release(self, principal: Principal, permit: str) -> None:
        """Free what a dead process had reserved for the same request."""
        ...


class Claim(Protocol):
    """The exclusive right to carry out the request with one idempotency key."""

    abandoned_permit: str
    """The permit of a process that died during this request, or empty."""

    def note_permit(self, permit: str) -> None:
        """Store the permit of the request with the claim."""
        ...

    def record(self, media_type: str) -> None:
        """The reply is a stream."""
        ...

    def add(self, block: bytes) -> None:
        """A part of the stream was made."""
        ...

    def when_lost(self, then: Callable[[], object]) -> None:
        """Calls ``then`` when another process has taken over, so that nobody else will get the reply."""
        ...

    async def async_finish(self, reply: StoredReply | None = None) -> None:
        """Store ``reply``, or the stream, for later requests with the same key."""
        ...

    async def async_abandon(self) -> None:
        """Let the next request with the same key try again."""
        ...


class Idempotency(Protocol):
    async def async_claim(
        self, principal: Principal, *, route: str, key: str, payload: bytes, wait_s: float
    ) -> Claim | StoredReply | RunningReply:
        """Waits ``wait_s`` for a first request that has not begun a stream, and then raises `Conflict`.

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
    """Operations of administrators, each within their own tenant. Raises `NotFound`."""

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
        """Record a refusal in the audit log if the error is a decision. Returns at once."""
        ...


class FileReader(Protocol):
    async def async_read(self, file: File) -> Document:
        """Raises `InvalidInput` for a file that cannot be read."""
        ...


class DocumentOwners(Protocol):
    async def async_note(self, tenant: str, user: str, document_id: str) -> None:
        """Raises `Unauthenticated` for a user who was erased."""
        ...

    async def async_forget(self, tenant: str, document_id: str) -> None: ...


class Feedback(Value):
    """A rating of an answer."""

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
    def sign(self, answer_id: str, principal: Principal) -> str:
        """The id as clients see it, signed for the principal."""
        ...

    def verify(self, signed: str, principal: Principal) -> None:
        """Raise `NotFound` unless the answer was given to the principal."""
        ...


class Runner(Protocol):
    async def async_begin(self, question: Question, metadata: dict[str, str]) -> LimitHeaders:
        """Start a durable run, which continues when its caller leaves. Returns its rate limit headers.

        Raises what limits and checks raise; then there is no run. Does nothing if the run exists.
        """
        ...


class Runs(Protocol):
    """Runs of the principal. Runs of others count as not found."""

    async def async_run(self, principal: Principal, run_id: str) -> Run:
        """Raises `NotFound`."""
        ...

    async def async_view(self, principal: Principal, run_id: str) -> RunView:
        """Raises `NotFound`."""
        ...

    def async_follow(
        self, principal: Principal, run_id: str, *, after: int, until: float
    ) -> AsyncIterator[tuple[int, RunEvent]]:
        """The numbered events after the first ``after``, as they come.

        Ends with the run, when the run waits for an approval, and at the time ``until``.
        """
        ...


class Tools(Protocol):
    """Tools that callers may use directly: the read-only ones."""

    async def async_specs(self, context: RequestContext) -> tuple[ToolSpec, ...]: ...

    async def async_use(self, name: str, arguments: str, context: RequestContext) -> Observation:
        """Raises `InvalidInput` for an unknown tool, and what the tool raises."""
        ...


class ApprovalDecisions(Protocol):
    """Approvals that the principal may see; others count as not found."""

    async def async_list(self, by: Principal, *, limit: int) -> tuple[Approval, ...]: ...

    async def async_get(self, by: Principal, approval_id: str) -> Approval: ...

    async def async_decide(
        self, by: Principal, approval_id: str, choice: Choice, *, arguments: str, comment: str
    ) -> Approval:
        """Raises `Conflict` when it was decided differently, or has expired."""
        ...

    async def async_withdraw(self, by: Principal, approval_id: str) -> Approval:
        """Only the principal's own. Raises `Conflict` when it was decided, or has expired."""
        ...


class AssistantService(Protocol):
    """Checks the question, answers it and checks the answer. Stores the turns of a session."""

    async def async_answer(self, question: Question) -> Answer: ...

    def async_stream(
        self, question: Question, meter: Meter | None = None
    ) -> AsyncIterator[AnswerEvent]:
        """Reports the usage to ``meter`` as the events come."""
        ...


class CompletionService(Protocol):
    """Guarded access to the configured models by name; raises `NotFound` for an unknown one."""

    async def async_chat(self, model: str, request: ChatRequest) -> Completion: ...

    def async_stream(
        self, model: str, request: ChatRequest, meter: Meter | None = None
    ) -> AsyncIterator[Chunk]:
        """Reports the usage to ``meter`` as the chunks come."""
        ...

    def models(self) -> tuple[str, ...]:
        """All that are configured."""
        ...

    async def async_available(self) -> tuple[str, ...]:
        """The models that are available now, according to the processes that host them."""
        ...


class RequestRecorder(Protocol):
    """Called once for every finished request. Must return at once."""

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
    labels: LabelGuard
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
    """Error codes of failing dependencies by name; empty when every request can be served."""

    metrics: Callable[[], Awaitable[bytes]]
    """The metrics of all processes of this service in Prometheus' text format."""
