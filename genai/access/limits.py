"""Rate limits and budgets, exact across all replicas and in any 60 seconds.

    admit ──▶ the request runs ──▶ settle
    reserves a request, a place,   frees the place and the unused tokens and
    tokens and money               money; books the rest

One Redis script checks all limits and budgets atomically, by the clock of Redis. A window counts per
tenth of a second. The tenth at the edge of the window counts as a whole, so a limit is never exceeded, and
99.8 % of it can be used.

If a process dies, its places are freed after ``lease_s``, and its reservations are settled as
`BudgetSettings.unsettled` says. A later settlement still corrects that.
"""

import asyncio
import itertools
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from genai.access.billing import bill_words
from genai.access.demand import Demand
from genai.access.limit_scripts import ADMIT, SETTLE
from genai.access.local_limits import LocalLimits
from genai.access.money_scripts import RELEASE
from genai.access.principal import Budget, Principal
from genai.errors import (
    BackendFailed,
    BudgetExceeded,
    InvalidInput,
    RateLimited,
    TryLater,
    Unauthenticated,
)
from genai.lru_cache import LRUCache
from genai.memory.failure_detector import NotSent
from genai.memory.names import key_of
from genai.memory.session_names import SessionNames
from genai.memory.store import Store
from genai.memory.wire import Word
from genai.messages import Bill
from genai.money import micro_usd
from genai.settings.access import Allowance, BudgetSettings, LimitSettings, Spendable

logger = logging.getLogger(__name__)

REASONS = ("", "requests per minute", "tokens per minute", "concurrent requests")
ERASED = 6
PERIODS = {4: "today", 5: "this month"}
REMEMBERED_KEYS = 10_000
MONEY_SCOPES = ("tenant", "user", "key", "session")

LimitHeaders = tuple[tuple[str, str], ...]
"""``x-ratelimit-...`` and their values."""


@dataclass(frozen=True, slots=True)
class LimitState:
    """The use of a key's limits. ``reset_s`` is the time until all of them are free again."""

    limit_requests: int
    remaining_requests: int
    limit_tokens: int
    remaining_tokens: int
    reset_s: float

    @property
    def headers(self) -> LimitHeaders:
        """The response headers that OpenAI defines."""
        reset = f"{self.reset_s:.1f}s"
        return (
            ("x-ratelimit-limit-requests", str(self.limit_requests)),
            ("x-ratelimit-remaining-requests", str(self.remaining_requests)),
            ("x-ratelimit-reset-requests", reset),
            ("x-ratelimit-limit-tokens", str(self.limit_tokens)),
            ("x-ratelimit-remaining-tokens", str(self.remaining_tokens)),
            ("x-ratelimit-reset-tokens", reset),
        )


class OverLimit(RateLimited):
    """`RateLimited`, with the values of the response headers."""

    def __init__(self, message: str, retry_after_s: float, state: LimitState) -> None:
        super().__init__(message, retry_after_s)
        self.args = (message, retry_after_s, state)
        self.state = state


class Permit:
    """An admitted request. Must be settled.

    With ``has_budget``, it must not cost more than its reservation. It is not ``reserved`` if it was
    admitted without Redis; then it has no ``id``.
    """

    def __init__(
        self,
        state: LimitState,
        estimated: int,
        settle: Callable[[int, Sequence[Bill]], None],
        *,
        permit_id: str = "",
        has_budget: bool = False,
        reserved: bool = True,
    ) -> None:
        self.id = permit_id
        self.state = state
        self.estimated = estimated
        self.has_budget = has_budget
        self.reserved = reserved
        self.settled = False
        self._settle = settle

    def settle(self, actual_tokens: int | None = None, bills: Sequence[Bill] = ()) -> None:
        """Free the place, correct the estimated tokens, and book the bills. None keeps the estimate.

        Does not wait for Redis. A second call does nothing.
        """
        if not self.settled:
            self.settled = True
            more = 0 if actual_tokens is None else actual_tokens - self.estimated
            self._settle(more, bills)


class Limiter:
    """Admits requests. ``now_us`` replaces the clock of Redis in tests."""

    def __init__(
        self,
        store: Store,
        session_names: SessionNames,
        settings: LimitSettings,
        budgets: BudgetSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        now_us: Callable[[], int] = lambda: 0,
    ) -> None:
        self._store = store
        self._settings = settings
        self._budgets = budgets
        self._session_names = session_names
        self._clock = clock
        self._now_us = now_us
        self._local = LocalLimits(settings.local_share, clock)
        self._down_since: float | None = None
        self._process = secrets.token_hex(6)
        self._count = itertools.count()
        self._without_budget: LRUCache[str, bool] = LRUCache(REMEMBERED_KEYS)

    @asynccontextmanager
    async def admitted(self, principal: Principal, estimated_tokens: int) -> AsyncIterator[Permit]:
        """`async_acquire`; settles by the estimate unless the body settles."""
        permit = await self.async_acquire(principal, Demand(tokens=estimated_tokens))
        try:
            yield permit
        finally:
            permit.settle()

    async def async_acquire(
        self, principal: Principal, demand: Demand, request_id: str = "-"
    ) -> Permit:
        """Admit a request. Raises `OverLimit` and `BudgetExceeded`, `TryLater` if Redis does not answer, and
        `InvalidInput` if the request needs more tokens than the limit of a minute.
        """
        scopes = _scopes(principal, self._settings)
        if demand.tokens > min(limit.tokens_per_minute for _, limit in scopes):
            raise InvalidInput("the request needs more tokens than the key has in a minute")
        try:
            permit = await self._acquire(principal, scopes, demand, request_id)
        except BackendFailed as error:
            return self._acquire_locally(principal, scopes[0][1], demand, error)
        self._down_since = None
        return permit

    async def _acquire(
        self,
        principal: Principal,
        scopes: list[tuple[str, Allowance]],
        demand: Demand,
        request_id: str,
    ) -> Permit:
        permit = f"{self._process}{next(self._count)}"
        keys = [f"{name}|{part}" for name, _ in scopes for part in ("window", "places")]
        keys.append(key_of(principal.tenant, "held"))

        def settle(slot: int, more: int, bills: Sequence[Bill]) -> None:
            self._store.post(SETTLE(keys, (permit, slot, more, *bill_words(bills)), int))

        arguments = self._arguments(principal, scopes, demand, request_id)
        try:
            reply = await self._store.run(ADMIT(keys, (self._now_us(), permit, *arguments), tuple))
        except NotSent:
            raise
        except (BackendFailed, asyncio.CancelledError):
            settle(0, 0, ())  # Redis may have admitted it, or may do so later
            raise
        state = _state(scopes[0][1], reply)
        _refuse_if_over(reply, state)
        has_budget = bool(reply[7])
        self._remember_budget(principal, has_budget)
        slot: int = reply[3]
        return Permit(
            state,
            demand.tokens,
            lambda more, bills: settle(slot, more, bills),
            permit_id=permit,
            has_budget=has_budget,
        )

    def release(self, tenant: str, permit: str) -> None:
        """Free the reservation of a dead process; should it be alive, its settlement has no effect.

        Does not wait for Redis.
        """
        self._store.post(RELEASE([key_of(tenant, "held")], (permit,), int))

    def _arguments(
        self,
        principal: Principal,
        scopes: list[tuple[str, Allowance]],
        demand: Demand,
        request_id: str,
    ) -> tuple[Word, ...]:
        """The arguments of the admission script after the time and the permit."""
        budgets = self._budgets
        session = self._session_of(demand) if budgets.per_session is not None else None
        record = ""
        spendable: list[Word] = []
        if demand.model:
            record = f"{request_id} {principal.key_id} {principal.user} {session or '-'}"
            per_key = _key_caps(principal.budget) or _caps(budgets.per_key)
            spendable += (*_caps(budgets.per_tenant), *_caps(budgets.per_user), *per_key)
            spendable += _caps(budgets.per_session) if session else ()
        return (
            demand.tokens,
            int(self._settings.lease_s * 1000),
            int(budgets.unsettled == "charge"),
            demand.micro_usd,
            len(scopes),
            record,
            *(number for _, allowance in scopes for number in _numbers(allowance)),
            *spendable,
        )

    def _session_of(self, demand: Demand) -> str | None:
        session_id = demand.session_id
        return None if session_id is None else self._session_names.stored_id(session_id)

    def _remember_budget(self, principal: Principal, has_budget: bool) -> None:
        """Remember keys without a budget, which may be admitted while Redis does not answer."""
        if has_budget:
            self._without_budget.pop(principal.key_id, None)
        else:
            self._without_budget.keep([(principal.key_id, True)])

    def _acquire_locally(
        self, principal: Principal, allowance: Allowance, demand: Demand, error: BackendFailed
    ) -> Permit:
        now = self._clock()
        self._down_since = now if self._down_since is None else self._down_since
        too_long = now - self._down_since > self._settings.local_for_s
        if self._settings.on_store_failure == "refuse" or too_long:
            raise TryLater("limits cannot be checked at the moment") from error
        if demand.micro_usd and principal.key_id not in self._without_budget:
            raise TryLater("budgets cannot be checked at the moment") from error
        admission = self._local.admit(principal.key_id, allowance, demand.tokens)
        state = LimitState(
            allowance.requests_per_minute,
            admission.remaining_requests,
            allowance.tokens_per_minute,
            admission.remaining_tokens,
            60.0,
        )
        settle = admission.settle
        if settle is None:
            raise OverLimit("over the limit", admission.retry_after_s, state)
        return Permit(state, demand.tokens, lambda more, bills: settle(more), reserved=False)


def _scopes(principal: Principal, settings: LimitSettings) -> list[tuple[str, Allowance]]:
    """The Redis key and allowance of each scope that limits the principal; its API key is first."""
    limits = principal.limits.model_dump(exclude_none=True)
    per_key: Allowance = settings.model_copy(update=limits) if limits else settings
    named = (
        (("key", principal.key_id), per_key),
        (("user", principal.user), settings.per_user),
        (("tenant",), settings.per_tenant),
    )
    return [
        (key_of(principal.tenant, "limit", *name), allowance)
        for name, allowance in named
        if allowance is not None
    ]


def _numbers(allowance: Allowance) -> tuple[int, int, int]:
    return (
        allowance.requests_per_minute,
        allowance.tokens_per_minute,
        allowance.concurrent_requests,
    )


def _caps(spendable: Spendable | None) -> tuple[Word, Word]:
    """The budgets of a day and a month in micro-dollars; empty means no limit."""
    if spendable is None:
        return "", ""
    return _word(micro_usd(spendable.usd_per_day)), _word(micro_usd(spendable.usd_per_month))


def _key_caps(budget: Budget) -> tuple[Word, Word] | None:
    day, month = budget.micro_usd_per_day, budget.micro_usd_per_month
    return None if day is None and month is None else (_word(day), _word(month))


def _word(micro: int | None) -> Word:
    return "" if micro is None else micro


def _state(allowance: Allowance, reply: tuple[Any, ...]) -> LimitState:
    requests, tokens, reset_us = reply[4:7]
    return LimitState(
        allowance.requests_per_minute,
        max(0, allowance.requests_per_minute - requests),
        allowance.tokens_per_minute,
        max(0, allowance.tokens_per_minute - tokens),
        reset_us / 1e6,
    )


def _refuse_if_over(reply: tuple[Any, ...], state: LimitState) -> None:
    why, scope, wait_us = reply[:3]
    if why == ERASED:
        raise Unauthenticated("the API key is no longer valid")
    if why in PERIODS:
        whose = MONEY_SCOPES[scope - 1]
        message = f"the budget of this {whose} for {PERIODS[why]} does not cover this request"
        raise BudgetExceeded(message, wait_us / 1e6)
    if why:
        whose = ("key", "user or tenant", "tenant")[scope - 1]
        raise OverLimit(f"over the limit of {REASONS[why]} of this {whose}", wait_us / 1e6, state)
