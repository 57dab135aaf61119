"""The audit log of each tenant, in Redis.

{tenant}|audit         a list of entries, oldest first, append-only
{tenant}|audit|head    its head: "<number> <digest> <HMAC>"
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from genai.audit.chain import (
    LOST,
    SEALED,
    AuditedDecision,
    ChainVerifier,
    Entry,
    Head,
    Seal,
    Verification,
)
from genai.errors import (
    BackendFailed,
    BudgetExceeded,
    ContentRefused,
    Forbidden,
    GenAIError,
    RateLimited,
    TryLater,
)
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.observability.background import Background

logger = logging.getLogger(__name__)

PAGE = 500
TRIES = 50

# Compare and swap. KEYS: log, head. ARGV: expected head, new head, entries. Returns the stored head if it is
# another one.
_APPEND = Script(
    """
local head = redis.call('GET', KEYS[2]) or ''
if head ~= ARGV[1] then return head end
for i = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
redis.call('SET', KEYS[2], ARGV[2])
return 1
"""
)

_END = Script("return {redis.call('GET', KEYS[2]) or '', redis.call('LLEN', KEYS[1])}", reads=True)


class AuditLog:
    """Methods raise `BackendFailed` if Redis does not answer."""

    def __init__(self, store: Store, seal: Seal, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._seal = seal
        self._clock = clock
        self._heads: dict[str, str] = {}

    async def async_append(self, tenant: str, *decisions: AuditedDecision) -> None:
        """Append in this order and without gaps, also with concurrent writers.

        Raises `TryLater` if other writers were first too often.
        """
        keys = _keys(tenant)
        seal, findings = self._seal.for_tenant(tenant), tuple[AuditedDecision, ...]()
        for attempt in range(TRIES):
            known = self._heads.get(tenant, "")
            entries = self._chained(seal, (*findings, *decisions), _parsed(known)[0])
            last = Head(number=entries[-1].number, digest=entries[-1].digest)
            after = f"{last.number} {last.digest} {seal.seal_head(last)}"
            lines = [entry.model_dump_json() for entry in entries]
            reply = await self._store.run(_APPEND(keys, (known, after, *lines), _text))
            if reply is None:
                self._heads[tenant] = after
                return
            findings = findings or _findings(tenant, seal, known, reply)
            self._heads[tenant] = reply
            await asyncio.sleep(random.uniform(0, 0.002 * attempt))  # noqa: S311 - only a pause
        raise TryLater("the audit log is too busy")

    async def async_read(self, tenant: str, *, after: int, limit: int) -> tuple[Entry, ...]:
        """Up to ``limit`` entries with numbers above ``after``; unreadable ones are left out."""
        words = ("LRANGE", _keys(tenant)[0], after, after + limit - 1)
        return tuple(filter(None, await self._store.run(Command(words, _entries))))

    async def async_head(self, tenant: str) -> Head:
        head, _, _ = await self._end(tenant)
        return head

    async def async_verify(self, tenant: str, *anchors: Head) -> Verification:
        """Verify the whole log. ``anchors`` are heads that were seen before."""
        verifier, number = ChainVerifier(self._seal.for_tenant(tenant), anchors=anchors), 0
        head, sealed, length = await self._end(tenant)
        while number < head.number:
            last = min(number + PAGE, head.number) - 1
            words = ("LRANGE", _keys(tenant)[0], number, last)
            page = await self._store.run(Command(words, _entries))
            verifier.read(page)
            if not page:
                break
            number += len(page)
        return verifier.verdict(head, sealed, length=length)

    async def _end(self, tenant: str) -> tuple[Head, str, int]:
        reply, length = await self._store.run(_END(_keys(tenant), (), tuple))
        return *_parsed(reply.decode(errors="replace")), length

    def _chained(self, seal: Seal, decisions: Sequence[AuditedDecision], head: Head) -> list[Entry]:
        at, entries = round(self._clock(), 3), list[Entry]()
        for decision in decisions:
            entries.append(seal.next_entry(decision, at, head))
            head = Head(number=entries[-1].number, digest=entries[-1].digest)
        return entries


class AuditTrail(Background[tuple[str, AuditedDecision]]):
    """Writes refusals of requests in the background; equal ones within a second become one entry."""

    pause_s = 1.0

    def __init__(self, log: AuditLog) -> None:
        super().__init__()
        self.log = log
        self._unwritten: list[tuple[str, AuditedDecision]] = []

    async def async_record(self, tenant: str, decision: AuditedDecision) -> None:
        """Write a decision before it is acknowledged. Raises `BackendFailed`."""
        await self.log.async_append(tenant, decision)

    def refused(
        self, tenant: str, key_id: str, operation: str, request_id: str, error: GenAIError
    ) -> None:
        """Queue the refusal of a request, if its error is a decision. Returns at once."""
        if isinstance(error, ContentRefused | Forbidden | RateLimited | BudgetExceeded):
            decision = AuditedDecision(
                action=f"refuse.{error.code}",
                actor=key_id,
                target=operation,
                reason=getattr(error, "rule", ""),
                request_id="" if isinstance(error, RateLimited) else request_id,
            )
            self.offer((tenant, decision))

    async def async_handle(self, events: list[tuple[str, AuditedDecision]]) -> None:
        """After a failure, up to `PAGE` entries of each tenant are written with the next batch."""
        counts = Counter([*self._unwritten, *events])
        self._unwritten = []
        by_tenant: dict[str, list[AuditedDecision]] = {}
        for (tenant, decision), count in counts.items():
            merged = decision.model_copy(update={"count": decision.count * count})
            by_tenant.setdefault(tenant, []).append(merged)
        for tenant, decisions in by_tenant.items():
            try:
                await self.log.async_append(tenant, *decisions)
            except (BackendFailed, TryLater):
                self._unwritten += [(tenant, decision) for decision in decisions[:PAGE]]
                logger.warning("refusals wait to be written to the audit log")


def _keys(tenant: str) -> tuple[str, str]:
    checked(tenant, "tenant")
    return key_of(tenant, "audit"), key_of(tenant, "audit", "head")


def _parsed(text: str) -> tuple[Head, str]:
    """The head and its HMAC. Raises `BackendFailed` if the service cannot have written it."""
    if not text:
        return Head(), ""
    number, _, rest = text.partition(" ")
    if not (number.isascii() and number.isdigit()):
        raise BackendFailed("the end of the audit log cannot be read", False)
    digest, _, sealed = rest.partition(" ")
    return Head(number=int(number), digest=digest), sealed


def _findings(tenant: str, seal: Seal, before: str, now: str) -> tuple[AuditedDecision, ...]:
    """Entries to add if the head ``now`` cannot have followed the one that this process knew ``before``."""
    (known, _), (found, sealed) = _parsed(before), _parsed(now)
    shorter = found.number < known.number
    other = found.number == known.number and found.digest != known.digest
    unsealed = known.sealed and not found.sealed
    moved = found.sealed and not seal.verifies_head(found, sealed)
    if shorter or other or unsealed or moved:
        last = max(known.number, found.number)
        logger.error("the audit log was replaced", extra={"tenant": tenant, "number": last})
        return (AuditedDecision(action=LOST, actor="service", target=str(last)),)
    if not seal.verifies_head(found, sealed):
        return (AuditedDecision(action=SEALED, actor="service", target=str(found.number)),)
    return ()


def _text(reply: Any) -> str | None:
    """The stored head; None if the entries were appended."""
    return reply.decode() if isinstance(reply, bytes) else None


def _entries(reply: list[bytes]) -> list[Entry | None]:
    return [_entry(line) for line in reply]


def _entry(line: bytes) -> Entry | None:
    """None if the service would not have written exactly this line."""
    try:
        entry = Entry.model_validate_json(line)
    except ValidationError:
        return None
    return entry if entry.model_dump_json().encode() == line else None
