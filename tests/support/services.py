"""Stand-ins for everything behind the HTTP face, in memory and without delay."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from deployments.api.services import (
    Claim,
    Feedback,
    Permit,
    Services,
)
from deployments.api.shutdown import Shutdown
from genai.access.administration import NewKey
from genai.access.answer_ids import AnswerIds
from genai.access.budgets import BudgetStatus, Scope
from genai.access.demand import Demand
from genai.access.erasure import Receipt
from genai.access.fairness import FairQueue
from genai.access.idempotency import StoredReply
from genai.access.keys import KeyRecord
from genai.access.limits import LimitHeaders
from genai.access.principal import Budget, Principal
from genai.access.quotes import Quotes
from genai.access.usage import UsageRow
from genai.approvals.approval import Approval, Ruling
from genai.approvals.decisions import Choice
from genai.audit.chain import AuditedDecision, Entry, Head, Seal
from genai.base.embedder import BaseEmbedder
from genai.base.memory import BaseMemory
from genai.base.tool import Observation
from genai.errors import Conflict, GenAIError, InvalidInput, NotFound, Unauthenticated
from genai.events import AnswerEvent, DoneEvent, TokenEvent
from genai.factory.safety_factory import build_guard
from genai.llms.spending import counted
from genai.memory.cipher import Cipher
from genai.messages import (
    Answer,
    ApprovalRequest,
    Certainty,
    ChatRequest,
    Chunk,
    Citation,
    Completion,
    Decision,
    Question,
    RequestContext,
    Step,
    ToolSpec,
    Turn,
    Usage,
)
from genai.meter import Meter
from genai.observability.tracing import NoTracer, Tracer
from genai.rag.base import Document, DocumentSummary
from genai.rag.ingestion.conversion import Converter
from genai.rag.labels import LabelGuard
from genai.runs.reader import RunView
from genai.runs.run import Run, RunEvent
from genai.safety.base import Guard
from genai.settings.application import Settings
from genai.settings.models import ScriptedSettings
from genai.settings.safety import InjectionSettings, SafetySettings
from tests.support.vault import InProcessVault

KEY = "sk-test"
CITATION = Citation(document_id="fees", title="Fees", quote="A card costs 12 dollars.", score=0.9)
USAGE = Usage(prompt_tokens=4, completion_tokens=2)
HELLO = Completion(text="Hello.", model="bank", usage=USAGE)
HELLO_IN_PARTS = (
    Chunk(text="Hel", model="bank"),
    Chunk(text="lo.", model="bank"),
    Chunk(model="bank", finish_reason="stop", usage=USAGE),
)
STEP = Step(tool="sql", arguments='{"query": "SELECT 1"}', observation="1", seconds=0.01)


class FakeKeys:
    def __init__(self) -> None:
        self.principals: dict[str, Principal] = {
            KEY: Principal(key_id="key-1", tenant="bank", user="ada", roles=("user", "admin")),
            "sk-other": Principal(key_id="key-2", tenant="other", user="bob", roles=("admin",)),
            "sk-user": Principal(key_id="key-3", tenant="bank", user="eve"),
        }

    async def async_authenticate(self, key: str) -> Principal:
        if key not in self.principals:
            raise Unauthenticated("the API key is not valid")
        return self.principals[key]


@dataclass
class FakePermit:
    settlements: list[Usage | None]
    headers: tuple[tuple[str, str], ...] = (("x-ratelimit-remaining-requests", "9"),)
    id: str = "permit-1"
    allowance_micro_usd: int | None = None
    settled: bool = False

    async def async_settle(self, usage: Usage | None) -> None:
        if not self.settled:
            self.settlements.append(usage)
        self.settled = True


class FakeAdmission:
    """Admits all requests, until ``error`` is set."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.allowance_micro_usd: int | None = None
        self.released: list[str] = []
        self.admitted: list[tuple[str, int]] = []
        self.settled: list[Usage | None] = []

    async def async_admit(self, principal: Principal, demand: Demand, *, request_id: str) -> Permit:
        if self.error is not None:
            raise self.error
        self.admitted.append((demand.model, demand.tokens))
        return FakePermit(self.settled, allowance_micro_usd=self.allowance_micro_usd)

    def release(self, principal: Principal, permit: str) -> None:
        self.released.append(permit)


@dataclass
class FakeClaim:
    store: dict[str, tuple[bytes, StoredReply | None]]
    name: str
    payload: bytes
    abandoned_permit: str = ""
    permits: list[str] = field(default_factory=list)
    recorded: list[bytes] = field(default_factory=list)
    media_type: str = ""

    def note_permit(self, permit: str) -> None:
        self.permits.append(permit)

    def record(self, media_type: str) -> None:
        self.media_type = media_type

    def add(self, block: bytes) -> None:
        self.recorded.append(block)

    def when_lost(self, then: Callable[[], object]) -> None: ...

    async def async_finish(self, reply: StoredReply | None = None) -> None:
        whole = StoredReply(status=200, body=b"".join(self.recorded), media_type=self.media_type)
        self.store[self.name] = (self.payload, reply or whole)

    async def async_abandon(self) -> None:
        del self.store[self.name]


class FakeIdempotency:
    def __init__(self) -> None:
        self.store: dict[str, tuple[bytes, StoredReply | None]] = {}
        self.abandoned_permit = ""

    async def async_claim(
        self, principal: Principal, *, route: str, key: str, payload: bytes, wait_s: float
    ) -> Claim | StoredReply:
        name = f"{principal.tenant}/{route}/{key}"
        digest = hashlib.sha256(payload).digest()
        known, reply = self.store.get(name, (digest, None))
        if known != digest:
            raise InvalidInput("the key was used with another body")
        if reply is not None:
            return reply
        if name in self.store:
            raise Conflict("the first request still runs")
        self.store[name] = (digest, None)
        return FakeClaim(self.store, name, digest, self.abandoned_permit)


class FakeUsage:
    async def async_report(
        self, principal: Principal, *, days: int, user: str | None
    ) -> tuple[UsageRow, ...]:
        row = UsageRow(
            day="2026-01-02",
            model=user or "assistant",
            requests=days,
            prompt_tokens=10,
            completion_tokens=5,
            cost_micro_usd=1_500_000,
        )
        return (row,)


@dataclass
class FakeAssistant:
    """Answers with ``tokens``; raises ``error`` after ``error_after`` of them; waits for ``hold``."""

    tokens: tuple[str, ...] = ("Twelve", " dollars", ".")
    error: Exception | None = None
    error_after: int = 0
    hold: asyncio.Event | None = None
    certainty: Certainty | None = "certain"
    questions: list[Question] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def async_answer(self, question: Question) -> Answer:
        return await counted(self._answered(question))

    async def _answered(self, question: Question) -> Answer:
        self._note(question)
        await self._wait()
        if self.error is not None:
            raise self.error
        return self._answer(question)

    async def async_stream(
        self, question: Question, meter: Meter | None = None
    ) -> AsyncIterator[AnswerEvent]:
        self._note(question)
        for number, token in enumerate(self.tokens):
            if self.error is not None and number == self.error_after:
                raise self.error
            if meter is not None:
                meter.spent = Usage(prompt_tokens=7, completion_tokens=number + 1)
            yield TokenEvent(text=token)
            await self._wait()
        yield DoneEvent(answer=self._answer(question))

    def _note(self, question: Question) -> None:
        self.questions.append(question)
        self.asked.set()

    async def _wait(self) -> None:
        try:
            if self.hold is not None:
                await self.hold.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    def _answer(self, question: Question) -> Answer:
        return Answer(
            id="ans_1",
            text="".join(self.tokens),
            route="rag",
            model="extractive",
            certainty=self.certainty,
            session_id=question.session_id,
            citations=(CITATION,),
            steps=(STEP,),
            safety=(Decision(check="pii", stage="output", action="allow"),),
            usage=Usage(prompt_tokens=7, completion_tokens=3, cost_micro_usd=20),
            timings_ms={"rag": 1.5},
        )


@dataclass
class FakeCompletions:
    """One model, ``bank``; answers with ``completion``, streams ``chunks``."""

    completion: Completion = HELLO
    chunks: tuple[Chunk, ...] = HELLO_IN_PARTS
    error: Exception | None = None
    unavailable: tuple[str, ...] = ()
    requests: list[ChatRequest] = field(default_factory=list)

    def models(self) -> tuple[str, ...]:
        return ("bank", *self.unavailable)

    async def async_available(self) -> tuple[str, ...]:
        return ("bank",)

    async def async_chat(self, model: str, request: ChatRequest) -> Completion:
        self._note(model, request)
        if self.error is not None:
            raise self.error
        return self.completion

    async def async_stream(
        self, model: str, request: ChatRequest, meter: Meter | None = None
    ) -> AsyncIterator[Chunk]:
        self._note(model, request)
        for chunk in self.chunks:
            yield chunk
        if self.error is not None:
            raise self.error

    def _note(self, model: str, request: ChatRequest) -> None:
        if model not in self.models():
            raise NotFound("no such model")
        self.requests.append(request)


class FakeEmbedder(BaseEmbedder):
    name = "all-MiniLM-L6-v2"
    dimensions = 2

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[float(number), 0.5] for number, _ in enumerate(texts)]


class FakeDocuments:
    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], Document] = {}

    async def async_add(
        self, tenant: str, documents: Sequence[Document], *, keep_readers: bool = False
    ) -> None:
        for document in documents:
            old = self.stored.get((tenant, document.id)) if keep_readers else None
            kept = document.model_copy(update={"readers": old.readers}) if old else document
            self.stored[tenant, document.id] = kept

    async def async_list(self, tenant: str) -> tuple[DocumentSummary, ...]:
        return tuple(
            DocumentSummary(id=d.id, title=d.title, source=d.source, passages=1, readers=d.readers)
            for (owner, _), d in sorted(self.stored.items())
            if owner == tenant
        )

    async def async_delete(self, tenant: str, document_id: str) -> bool:
        return self.stored.pop((tenant, document_id), None) is not None

    async def async_forget_reader(self, tenant: str, user: str) -> int:
        return 0


class FakeMemory(BaseMemory):
    def __init__(self) -> None:
        self.sessions: dict[tuple[str, str, str], list[Turn]] = {}

    async def async_store(
        self, tenant: str, user: str, session_id: str, turns: Sequence[Turn]
    ) -> None:
        self.sessions.setdefault((tenant, user, session_id), []).extend(turns)

    async def async_retrieve(
        self, tenant: str, user: str, session_id: str, *, max_tokens: int
    ) -> tuple[Turn, ...]:
        return tuple(self.sessions.get((tenant, user, session_id), ()))

    async def async_delete(self, tenant: str, user: str, session_id: str) -> bool:
        return self.sessions.pop((tenant, user, session_id), None) is not None


class FakeAdministration:
    """Stores nothing, and returns what a caller would see."""

    async def async_create_key(self, by: Principal, wanted: NewKey) -> tuple[str, KeyRecord]:
        return "gaf_1_secret", self._record(by, wanted.user)

    async def async_list_keys(self, by: Principal) -> tuple[KeyRecord, ...]:
        return (self._record(by, by.user),)

    async def async_revoke_key(self, by: Principal, key_id: str) -> None:
        if key_id != "k1":
            raise NotFound("no such key")

    async def async_set_budget(
        self, by: Principal, scope: Scope, name: str, budget: Budget
    ) -> BudgetStatus:
        return await self.async_budget(by, scope, name)

    async def async_budget(self, by: Principal, scope: Scope, name: str) -> BudgetStatus:
        return BudgetStatus(
            scope=scope,
            day="2026-01-02",
            limit_day=2_500_000,
            limit_month=None,
            spent_day=1_000_000,
            held_day=1,
            spent_month=2,
            held_month=0,
        )

    async def async_erase(self, by: Principal, user: str) -> Receipt:
        return Receipt(id="era_1", at=1.0, removed={"sessions": 2})

    async def async_audit(
        self, by: Principal, *, after: int, limit: int
    ) -> tuple[tuple[Entry, ...], Head]:
        entry = Seal().next_entry(
            AuditedDecision(action="key.create", actor=by.key_id), 1.0, Head()
        )
        return (entry,), Head(number=1, digest=entry.digest)

    def _record(self, by: Principal, user: str) -> KeyRecord:
        principal = Principal(key_id="k1", tenant=by.tenant, user=user)
        return KeyRecord(principal=principal, secret_hash="hidden", created=1.0)


class FakeRuns:
    """Has no runs."""

    async def async_begin(self, question: Question, metadata: dict[str, str]) -> LimitHeaders:
        raise NotFound("runs are not tested with this")

    async def async_run(self, principal: Principal, run_id: str) -> Run:
        raise NotFound("no such run")

    async def async_view(self, principal: Principal, run_id: str) -> RunView:
        raise NotFound("no such run")

    async def async_follow(
        self, principal: Principal, run_id: str, *, after: int, until: float
    ) -> AsyncIterator[tuple[int, RunEvent]]:
        for nothing in ():
            yield nothing


WAITING = Approval(
    request=ApprovalRequest(
        id="apr_1", run_id="run_1", tool="block_card", arguments='{"card_id": 7}', expires_at=2.0
    ),
    user="ada",
    parameters="{}",
    request_id="req_1",
    asked_at=1.0,
)


class FakeApprovals:
    """Has one approval, and records the last decision on it."""

    def __init__(self) -> None:
        self.decided: tuple[str, str, str] | None = None

    async def async_list(self, by: Principal, *, limit: int) -> tuple[Approval, ...]:
        return (WAITING,)

    async def async_get(self, by: Principal, approval_id: str) -> Approval:
        if approval_id != WAITING.request.id:
            raise NotFound("no such approval")
        return WAITING

    async def async_decide(
        self, by: Principal, approval_id: str, choice: Choice, *, arguments: str, comment: str
    ) -> Approval:
        approval = await self.async_get(by, approval_id)
        self.decided = (choice, arguments, comment)
        ruling = Ruling(verdict="approved", arguments=arguments or "{}", key_id=by.key_id, at=3.0)
        return approval.model_copy(update={"ruling": ruling})

    async def async_withdraw(self, by: Principal, approval_id: str) -> Approval:
        approval = await self.async_get(by, approval_id)
        ruling = Ruling(verdict="withdrawn", key_id=by.key_id, at=3.0)
        return approval.model_copy(update={"ruling": ruling})


class FakeToolbox:
    async def async_specs(self, context: RequestContext) -> tuple[ToolSpec, ...]:
        return (ToolSpec(name="calculator", description="Compute."),)

    async def async_use(self, name: str, arguments: str, context: RequestContext) -> Observation:
        if name != "calculator":
            raise InvalidInput("there is no such tool")
        return Observation(text=f"computed {arguments}")


class FakeAudit:
    def __init__(self) -> None:
        self.refusals: list[tuple[str, str, str, str]] = []

    def refused(
        self, tenant: str, key_id: str, operation: str, request_id: str, error: GenAIError
    ) -> None:
        self.refusals.append((tenant, key_id, operation, error.code))


class FakeOwners:
    def __init__(self) -> None:
        self.brought: dict[tuple[str, str], str] = {}

    async def async_note(self, tenant: str, user: str, document_id: str) -> None:
        self.brought[tenant, document_id] = user

    async def async_forget(self, tenant: str, document_id: str) -> None:
        self.brought.pop((tenant, document_id), None)


class FakeFeedback:
    def __init__(self) -> None:
        self.given: list[tuple[str, str, Feedback]] = []

    async def async_add(self, tenant: str, user: str, feedback: Feedback) -> None:
        self.given.append((tenant, user, feedback))


class FakeRecorder:
    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def request(self, **what: Any) -> None:
        self.requests.append(what)


@dataclass
class Fakes:
    """All fakes of one application, and the application's view of them."""

    assistant: FakeAssistant = field(default_factory=FakeAssistant)
    completions: FakeCompletions = field(default_factory=FakeCompletions)
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    memory: FakeMemory = field(default_factory=FakeMemory)
    vault: InProcessVault = field(default_factory=InProcessVault)
    feedback: FakeFeedback = field(default_factory=FakeFeedback)
    answer_ids: AnswerIds = field(default_factory=lambda: AnswerIds(Cipher(bytes(32))))
    keys: FakeKeys = field(default_factory=FakeKeys)
    admission: FakeAdmission = field(default_factory=FakeAdmission)
    idempotency: FakeIdempotency = field(default_factory=FakeIdempotency)
    usage: FakeUsage = field(default_factory=FakeUsage)
    administration: FakeAdministration = field(default_factory=FakeAdministration)
    runner: FakeRuns = field(default_factory=FakeRuns)
    runs: FakeRuns = field(default_factory=FakeRuns)
    approvals: FakeApprovals = field(default_factory=FakeApprovals)
    toolbox: FakeToolbox = field(default_factory=FakeToolbox)
    audit: FakeAudit = field(default_factory=FakeAudit)
    owners: FakeOwners = field(default_factory=FakeOwners)
    recorder: FakeRecorder = field(default_factory=FakeRecorder)
    tracer: Tracer = field(default_factory=NoTracer)
    shutdown: Shutdown = field(default_factory=Shutdown)
    failing: dict[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=lambda: scripted_settings())

    def answer_id(self, key: str = KEY) -> str:
        """The id of an answer to the owner of the key."""
        return self.answer_ids.sign("ans_1", self.keys.principals[key])

    async def readiness(self) -> dict[str, str]:
        return self.failing

    async def metrics(self) -> bytes:
        return b"genai_requests_total 1\n"

    def services(self) -> Services:
        return Services(
            settings=self.settings,
            assistant=self.assistant,
            completions=self.completions,
            embedder=self.embedder,
            documents=self.documents,
            labels=LabelGuard(answers_guard()),
            converter=Converter(self.settings.rag.reading),
            memory=self.memory,
            vault=self.vault,
            feedback=self.feedback,
            answer_ids=self.answer_ids,
            keys=self.keys,
            quotes=Quotes(self.settings),
            queue=FairQueue(self.settings.overload),
            admission=self.admission,
            idempotency=self.idempotency,
            usage=self.usage,
            administration=self.administration,
            runner=self.runner,
            runs=self.runs,
            approvals=self.approvals,
            toolbox=self.toolbox,
            audit=self.audit,
            owners=self.owners,
            recorder=self.recorder,
            tracer=self.tracer,
            shutdown=self.shutdown,
            readiness=self.readiness,
            metrics=self.metrics,
        )


@cache
def answers_guard() -> Guard:
    """The usual checks of answers."""
    return build_guard(SafetySettings(injection=InjectionSettings(enabled=False)))


def scripted_settings() -> Settings:
    scripted = ScriptedSettings(backend="scripted")
    names = ("bank", "extractive", "analyst")
    return Settings(llms=dict.fromkeys(names, scripted))
