"""Rate limits, exact over all replicas and over any 60 seconds.

    admit ──▶ the request runs ──▶ settle
    takes a request, the         gives back the place, and the
    estimated tokens, a place    tokens that were not used

One script decides about key, user and tenant together: all admit and take, or none does. Time is
that of Redis. A window is a hash of counts per tenth of a second; what shares its tenth with the
edge of the window still counts, so the limit is never exceeded and 99.8 % of it can be used.

A place that nobody gave back, because the process died, frees itself after ``lease_s``.
"""

import asyncio
import itertools
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from genai.access.limit_scripts import ADMIT, SETTLE
from genai.access.local_limits import LocalLimits
from genai.access.principal import Principal
from genai.errors import BackendFailed, InvalidInput, RateLimited, TryLater
from genai.memory.names import key_of
from genai.memory.store import NotAsked, Store
from genai.memory.wire import Word
from genai.settings import Allowance, LimitSettings

logger = logging.getLogger(__name__)

REASONS = ("", "requests per minute", "tokens per minute", "concurrent requests")


@dataclass(frozen=True, slots=True)
class LimitState:
    """Where a key stands. ``reset_s`` is the time until its whole allowance is free again."""

    limit_requests: int
    remaining_requests: int
    limit_tokens: int
    remaining_tokens: int
    reset_s: float

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The response headers that clients of OpenAI know."""
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
    """`RateLimited`, with the numbers for the response's headers."""

    def __init__(self, message: str, retry_after_s: float, state: LimitState) -> None:
        super().__init__(message, retry_after_s)
        self.args = (message, retry_after_s, state)
        self.state = state


class Permit:
    """An admitted request. Must be settled, once; a second time does nothing."""

    def __init__(self, state: LimitState, estimated: int, settle: Callable[[int], None]) -> None:
        self.state = state
        self.estimated = estimated
        self.settled = False
        self._settle = settle

    def settle(self, actual_tokens: int | None = None) -> None:
        """Free the place, and correct the estimate; None says that the truth is not known.

        Does not wait for Redis.
        """
        if not self.settled:
            self.settled = True
            self._settle(0 if actual_tokens is None else actual_tokens - self.estimated)


class Limiter:
    """Admits requests. ``now_us`` replaces the time of Redis, for tests."""

    def __init__(
        self,
        store: Store,
        settings: LimitSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        now_us: Callable[[], int] = lambda: 0,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._now_us = now_us
        self._local = LocalLimits(settings.local_share, clock)
        self._down_since: float | None = None
        self._process = secrets.token_hex(6)
        self._count = itertools.count()

    @asynccontextmanager
    async def admitted(self, principal: Principal, estimated_tokens: int) -> AsyncIterator[Permit]:
        """`async_acquire`, and settle by the estimate when the body did not settle."""
        permit = await self.async_acquire(principal, estimated_tokens)
        try:
            yield permit
        finally:
            permit.settle()

    async def async_acquire(self, principal: Principal, estimated_tokens: int) -> Permit:
        """Admit a request, or raise `OverLimit`; `TryLater` when Redis does not answer.

        Raises `InvalidInput` for more tokens than a minute ever has.
        """
        scopes = _scopes(principal, self._settings)
        allowance = scopes[0][1]
        if estimated_tokens > min(limit.tokens_per_minute for _, limit in scopes):
            raise InvalidInput("the request needs more tokens than the key has in a minute")
        try:
            permit = await self._acquire(scopes, estimated_tokens)
        except BackendFailed as error:
            return self._acquire_locally(principal, allowance, estimated_tokens, error)
        self._down_since = None
        return permit

    async def _acquire(self, scopes: list[tuple[str, Allowance]], tokens: int) -> Permit:
        permit = f"{self._process}{next(self._count)}"
        keys = [f"{name}|{part}" for name, _ in scopes for part in ("window", "places")]
        lease_ms = int(self._settings.lease_s * 1000)
        limits = [number for _, allowance in scopes for number in _numbers(allowance)]
        arguments: tuple[Word, ...] = (self._now_us(), permit, tokens, lease_ms, *limits)

        def settle(slot: int, more: int) -> None:
            self._store.post(SETTLE(keys, (permit, slot, more), int))

        try:
            reply = await self._store.run(ADMIT(keys, arguments, tuple))
        except NotAsked:
            raise
        except (BackendFailed, asyncio.CancelledError):
            settle(0, 0)  # it may have been admitted, or will be when Redis wakes up
            raise
        state = _state(scopes[0][1], reply)
        _refuse_if_over(reply, state)
        return Permit(state, tokens, lambda more: settle(reply[3], more))

    def _acquire_locally(
        self, principal: Principal, allowance: Allowance, tokens: int, error: BackendFailed
    ) -> Permit:
        now = self._clock()
        self._down_since = now if self._down_since is None else self._down_since
        too_long = now - self._down_since > self._settings.local_for_s
        if self._settings.on_store_failure == "refuse" or too_long:
            raise TryLater("limits cannot be checked at the moment") from error
        admission = self._local.admit(principal.key_id, allowance, tokens)
        state = LimitState(
            allowance.requests_per_minute,
            admission.remaining_requests,
            allowance.tokens_per_minute,
            admission.remaining_tokens,
            60.0,
        )
        if admission.settle is None:
            raise OverLimit("over the limit", admission.retry_after_s, state)
        return Permit(state, tokens, admission.settle)


def _scopes(principal: Principal, settings: LimitSettings) -> list[tuple[str, Allowance]]:
    """Name in Redis and allowance of everything that limits this principal; the key is first."""
    own = principal.limits.model_dump(exclude_none=True)
    per_key: Allowance = settings.model_copy(update=own) if own else settings
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


def _state(allowance: Allowance, reply: tuple[Any, ...]) -> LimitState:
    _, _, _, _, requests, tokens, reset_us = reply
    return LimitState(
        allowance.requests_per_minute,
        max(0, allowance.requests_per_minute - requests),
        allowance.tokens_per_minute,
        max(0, allowance.tokens_per_minute - tokens),
        reset_us / 1e6,
    )


def _refuse_if_over(reply: tuple[Any, ...], state: LimitState) -> None:
    why, scope, wait_us = reply[:3]
    if why:
        whose = ("key", "user or tenant", "tenant")[scope - 1]
        raise OverLimit(f"over the limit of {REASONS[why]} of this {whose}", wait_us / 1e6, state)
