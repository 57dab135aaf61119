"""Builds everything that is stored in Redis, over one connection pool."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from genai.access.administration import Administration
from genai.access.admission import Admission
from genai.access.answer_ids import AnswerIds
from genai.access.budgets import Budgets
from genai.access.erasure import Documents, Erasure, Records, RedisFile, Sessions
from genai.access.feedback import FeedbackLog
from genai.access.idempotency import Idempotency
from genai.access.keys import Keys
from genai.access.limits import Limiter
from genai.access.ownership import Ownership
from genai.access.usage import UsageLedger
from genai.approvals.store import ApprovalStore
from genai.audit.chain import build_seal
from genai.audit.log import AuditLog, AuditTrail
from genai.memory.cipher import build_cipher
from genai.memory.connection import connect
from genai.memory.redis import RedisMemory
from genai.memory.session_names import SessionNames
from genai.memory.store import Store
from genai.memory.vault import RedisVault
from genai.rag.base import DocumentStore
from genai.runs.approval_requester import ApprovalRequester
from genai.runs.erasure import RunRecords
from genai.runs.journal import JournalStore
from genai.runs.store import RunStore
from genai.settings.application import Settings
from genai.traffic.exchanges import ExchangeLog
from genai.traffic.log import TrafficLog


@dataclass(frozen=True, slots=True)
class State:
    """One per process, and used in one event loop."""

    store: Store
    memory: RedisMemory
    vault: RedisVault
    feedback: FeedbackLog
    exchanges: ExchangeLog
    traffic: TrafficLog
    answer_ids: AnswerIds
    keys: Keys
    admission: Admission
    idempotency: Idempotency
    usage: UsageLedger
    budgets: Budgets
    owners: Ownership
    trail: AuditTrail
    runs: RunStore
    approvals: ApprovalStore
    requester: ApprovalRequester

    def administration(self, documents: DocumentStore) -> Administration:
        """What administrators do; ``documents`` is where a person's documents are."""
        parts = (
            Records(self.store, self.keys),
            Sessions(self.memory),
            RunRecords(self.runs, self.approvals),
            Documents(self.owners, documents),
            RedisFile(self.store),
        )
        return Administration(self.keys, self.budgets, Erasure(parts), self.trail)

    async def async_check(self) -> None:
        """Raise `BackendFailed` when Redis does not answer."""
        await self.store.ping()

    async def async_close(self) -> None:
        """Write what waits, then close the connections."""
        await self.trail.async_close()
        await self.store.close()


def build_audit_log(
    store: Store, settings: Settings, environ: Mapping[str, str] = os.environ
) -> AuditLog:
    return AuditLog(store, build_seal(settings.audit, environ))


def build_state(settings: Settings, environ: Mapping[str, str] = os.environ) -> State:
    """Opens no connection yet."""
    kept = settings.runs
    cipher = build_cipher(settings.data_key, environ)
    store = Store(connect(settings.redis, environ), timeout_s=settings.redis.timeout_s)
    ledger = UsageLedger(store)
    locally = settings.limits.on_store_failure == "allow_locally"
    audit = build_audit_log(store, settings, environ)
    runs = RunStore(store, cipher, kept_for_s=kept.kept_for_s, lease_s=kept.lease_s)
    limiter = Limiter(store, SessionNames(cipher), settings.limits, settings.budgets)
    journals = JournalStore(store, cipher, kept_for_s=kept.kept_for_s)
    approvals = ApprovalStore(store, cipher, kept_for_s=kept.kept_for_s)
    return State(
        store=store,
        memory=RedisMemory(store, settings.memory, cipher),
        vault=RedisVault(store, cipher, ttl_s=settings.memory.ttl_s),
        feedback=FeedbackLog(store, cipher),
        exchanges=ExchangeLog(store, cipher),
        traffic=TrafficLog(store),
        answer_ids=AnswerIds(cipher),
        keys=Keys(store, stale_for_s=settings.limits.local_for_s if locally else 0.0),
        admission=Admission(limiter, ledger),
        idempotency=Idempotency(store, cipher),
        usage=ledger,
        budgets=Budgets(store, settings.budgets),
        owners=Ownership(store),
        trail=AuditTrail(audit),
        runs=runs,
        approvals=approvals,
        requester=ApprovalRequester(
            journals, approvals, runs, audit, open_for_s=kept.approvals_open_for_s
        ),
    )
