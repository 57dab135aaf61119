"""Administration of keys, budgets and erasures. Each action is written to the audit log before it is done.

Principals act within their own tenant; objects of other tenants raise `NotFound`.
"""

import secrets
import time
from collections.abc import Callable

from genai.access.budgets import Budgets, BudgetStatus, Scope
from genai.access.erasure import Erasure, Receipt
from genai.access.keys import KeyRecord, Keys
from genai.access.principal import OVERSEERS, Budget, KeyLimits, Principal, Role
from genai.audit.chain import AuditedDecision, Entry, Head
from genai.audit.log import AuditTrail
from genai.errors import NotFound
from genai.memory.names import checked
from genai.messages import Value


class NewKey(Value):
    """The properties of a key to create. ``expires`` is Unix time."""

    user: str
    roles: tuple[Role, ...] = ("user",)
    groups: tuple[str, ...] = ()
    name: str = ""
    limits: KeyLimits = KeyLimits()
    budget: Budget = Budget()
    expires: float | None = None


class Administration:
    """Methods raise `BackendFailed` if Redis does not answer; then nothing was done."""

    def __init__(
        self,
        keys: Keys,
        budgets: Budgets,
        erasure: Erasure,
        trail: AuditTrail,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._budgets = budgets
        self._erasure = erasure
        self._trail = trail
        self._clock = clock

    async def async_create_key(self, by: Principal, wanted: NewKey) -> tuple[str, KeyRecord]:
        """Returns the key, which cannot be read again, and its stored record."""
        checked(wanted.user, "user")
        key_id = secrets.token_hex(8)
        rights = f"roles {' '.join(wanted.roles)} groups {' '.join(wanted.groups)}".strip()
        await self._record(by, "key.create", key_id, rights)
        return await self._keys.async_create(
            by.tenant,
            wanted.user,
            roles=wanted.roles,
            groups=wanted.groups,
            limits=wanted.limits,
            budget=wanted.budget,
            name=wanted.name,
            expires=wanted.expires,
            key_id=key_id,
        )

    async def async_list_keys(self, by: Principal) -> tuple[KeyRecord, ...]:
        return await self._keys.async_list(by.tenant)

    async def async_revoke_key(self, by: Principal, key_id: str) -> None:
        """The key stops working within seconds, in every process. Raises `NotFound`."""
        await self._own_key(by, key_id)
        await self._record(by, "key.revoke", key_id)
        await self._keys.async_revoke(by.tenant, key_id)

    async def async_set_budget(
        self, by: Principal, scope: Scope, name: str, budget: Budget
    ) -> BudgetStatus:
        """Applies from the next request on. None means: as in the settings."""
        await self._own_scope(by, scope, name)
        target = f"{scope} {name}" if scope == "key" else scope
        amounts = f"day {budget.micro_usd_per_day} month {budget.micro_usd_per_month}"
        await self._record(by, "budget.set", target, amounts)
        await self._budgets.async_set(by.tenant, scope, name, budget)
        return await self.async_budget(by, scope, name)

    async def async_budget(self, by: Principal, scope: Scope, name: str) -> BudgetStatus:
        """The status of a budget. Plain users only see their own. Raises `NotFound`."""
        own = {"user": by.user, "key": by.key_id}.get(scope)
        if not set(OVERSEERS) & set(by.roles) and name != own:
            raise NotFound("no such budget")
        record = await self._own_scope(by, scope, name)
        default = record.principal.budget if record else None
        return await self._budgets.async_status(by.tenant, scope, name, key_budget=default)

    async def async_erase(self, by: Principal, user: str) -> Receipt:
        """Erase a person's data. Safe to call twice."""
        checked(user, "user")
        await self._record(by, "subject.erase.begin")
        receipt = await self._erasure.async_erase(by.tenant, user)
        counts = " ".join(f"{name} {count}" for name, count in receipt.removed.items())
        await self._record(by, "subject.erase", receipt.id, counts)
        return receipt

    async def async_audit(
        self, by: Principal, *, after: int, limit: int
    ) -> tuple[tuple[Entry, ...], Head]:
        """Entries with numbers above ``after``, and the head of the log."""
        entries = await self._trail.log.async_read(by.tenant, after=after, limit=limit)
        return entries, await self._trail.log.async_head(by.tenant)

    async def _record(self, by: Principal, action: str, target: str = "", reason: str = "") -> None:
        decision = AuditedDecision(action=action, actor=by.key_id, target=target, reason=reason)
        await self._trail.async_record(by.tenant, decision)

    async def _own_key(self, by: Principal, key_id: str) -> KeyRecord:
        for record in await self._keys.async_list(by.tenant):
            if record.principal.key_id == key_id:
                return record
        raise NotFound("no such key")

    async def _own_scope(self, by: Principal, scope: Scope, name: str) -> KeyRecord | None:
        if scope == "key":
            return await self._own_key(by, name)
        if scope == "tenant" and name != by.tenant:
            raise NotFound("no such tenant")
        return None
