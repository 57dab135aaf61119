"""Everything the HTTP face needs from the rest of the system, and nothing of how it is made.

The ingress fills one `Services` a process; tests fill it with fakes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from genai.base.embedder import BaseEmbedder
from genai.base.memory import BaseMemory
from genai.messages import (
    Answer,
    AnswerEvent,
    ChatRequest,
    Chunk,
    Completion,
    Question,
    Usage,
    Value,
)
from genai.rag.base import DocumentStore
from genai.settings import Settings


class Principal(Protocol):
    """Whom a valid key speaks for."""

    @property
    def key_id(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...


class Keys(Protocol):
    async def async_authenticate(self, key: str) -> Principal:
        """Raises `Unauthenticated` for a key that is unknown, revoked or expired."""
        ...


class Permit(Protocol):
    """The right to do one request, with what was set aside for it."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """``x-ratelimit-...`` and their values, in OpenAI's names."""
        ...

    async def async_settle(self, usage: Usage | None) -> None:
        """Charge what was used and free the rest; all that was set aside when None is known.

        Must be called once, however the request ended.
        """
        ...


class Limits(Protocol):
    async def async_admit(
        self, principal: Principal, *, request_id: str, model: str, tokens: int
    ) -> Permit:
        """Let a request in that may take up to ``tokens``; raises `RateLimited`."""
        ...


class StoredReply(Value):
    """A reply that was given before and is given again."""

    status: int
    body: bytes


class Claim(Protocol):
    """The exclusive right to carry out the request with one idempotency key."""

    async def async_finish(self, reply: StoredReply) -> None:
        """Give ``reply`` to every later request with the same key."""
        ...

    async def async_abandon(self) -> None:
        """Let the next request with the same key try again."""
        ...


class Idempotency(Protocol):
    async def async_claim(
        self, principal: Principal, *, route: str, key: str, payload: bytes
    ) -> Claim | StoredReply:
        """Raises `Conflict` while the first request runs, `InvalidInput` for another payload."""
        ...


class UsageRow(Value):
    """What was used on one day (UTC) with one model."""

    day: str
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost_micro_usd: int


class UsageReports(Protocol):
    async def async_report(self, principal: Principal, *, days: int) -> tuple[UsageRow, ...]:
        """The tenant's last ``days`` days, newest first."""
        ...


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


class AssistantService(Protocol):
    """Checks, answers, checks again. Remembers the turns of a question that has a session."""

    async def async_answer(self, question: Question) -> Answer: ...

    def async_stream(self, question: Question) -> AsyncIterator[AnswerEvent]: ...


class CompletionService(Protocol):
    """Guarded access to the configured models by name; raises `NotFound` for an unknown one."""

    async def async_chat(self, model: str, request: ChatRequest) -> Completion: ...

    def async_stream(self, model: str, request: ChatRequest) -> AsyncIterator[Chunk]: ...

    def models(self) -> tuple[str, ...]: ...


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
    memory: BaseMemory
    feedback: FeedbackStore
    keys: Keys
    limits: Limits
    idempotency: Idempotency
    usage: UsageReports
    recorder: RequestRecorder
    readiness: Callable[[], Awaitable[dict[str, str]]]
    """Names of the dependencies that fail now, and why; empty when every request can be served."""

    metrics: Callable[[], bytes]
    """The process's metrics in Prometheus' text format."""
