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

from genai.access.local_limits import LocalLimits
from genai.access.principal import Principal
from genai.errors import BackendFailed, InvalidInput, RateLimited, TryLater
from genai.memory.names import key_of
from genai.memory.store import Script, Store, Word
from genai.settings import Allowance, LimitSettings

logger = logging.getLogger(__name__)

REASONS = ("", "requests per minute", "tokens per minute", "concurrent requests")

# KEYS: for each scope its window and its places.
# ARGV: now in microseconds (0: ask Redis), permit, tokens, lease in ms; for each scope its limits.
# A window has the totals r and t, the oldest and newest slot o and n, and r<slot>, t<slot>.
_ADMIT = Script(
    """
local SLOT, SLOTS = 100000, 600
local now, permit = tonumber(ARGV[1]), ARGV[2]
local tokens, lease = tonumber(ARGV[3]), tonumber(ARGV[4])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local slot = math.floor(now / SLOT)

local function counts(key, field, from, to)
  local names = {}
  for s = from, to do names[#names + 1] = field .. s end
  return redis.call('HMGET', key, unpack(names)), names
end

local function forget(key, field, from, to)
  local total = 0
  local values, names = counts(key, field, from, to)
  for _, value in ipairs(values) do total = total + (tonumber(value) or 0) end
  redis.call('HDEL', key, unpack(names))
  return total
end

local function window(key)
  local head = redis.call('HMGET', key, 'r', 't', 'o', 'n')
  local w = {r = tonumber(head[1]), t = tonumber(head[2])}
  w.o, w.n = tonumber(head[3]), tonumber(head[4])
  local first = slot - SLOTS
  if not w.r or w.n < first or w.n > slot + SLOTS then
    redis.call('DEL', key)
    return {r = 0, t = 0, o = slot, n = slot}
  end
  if w.n > slot then slot = w.n end
  if w.o < first then
    w.r = w.r - forget(key, 'r', w.o, first - 1)
    w.t = w.t - forget(key, 't', w.o, first - 1)
    w.o = first
    redis.call('HSET', key, 'r', w.r, 't', w.t, 'o', w.o)
  end
  return w
end

local function until_free(key, w, field, excess)
  local freed = 0
  for i, value in ipairs((counts(key, field, w.o, w.n))) do
    freed = freed + (tonumber(value) or 0)
    if freed >= excess then return (w.o + i + SLOTS) * SLOT - now end
  end
  return SLOTS * SLOT
end

local windows, why, scope, wait = {}, 0, 1, 0
local function refuse(reason, i, delay)
  if delay > wait then why, scope, wait = reason, i, delay end
end
for i = 1, #KEYS / 2 do
  local key, places = KEYS[2 * i - 1], KEYS[2 * i]
  local limit = {tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4])}
  local w = window(key)
  windows[i] = w
  redis.call('ZREMRANGEBYSCORE', places, '-inf', now / 1000)
  if w.r + 1 > limit[1] then refuse(1, i, until_free(key, w, 'r', w.r + 1 - limit[1])) end
  if w.t + tokens > limit[2] then refuse(2, i, until_free(key, w, 't', w.t + tokens - limit[2])) end
  if redis.call('ZCARD', places) >= limit[3] then refuse(3, i, 1000000) end
end
if why == 0 then
  for i, w in ipairs(windows) do
    local key, places = KEYS[2 * i - 1], KEYS[2 * i]
    w.r, w.t, w.n = w.r + 1, w.t + tokens, slot
    redis.call('HINCRBY', key, 'r' .. slot, 1)
    redis.call('HINCRBY', key, 't' .. slot, tokens)
    redis.call('HSET', key, 'r', w.r, 't', w.t, 'o', w.o, 'n', w.n)
    redis.call('PEXPIRE', key, 2 * SLOT * SLOTS / 1000)
    redis.call('ZADD', places, now / 1000 + lease, permit)
    redis.call('PEXPIRE', places, lease)
  end
end
local w = windows[1]
local reset = 0
if w.r > 0 then reset = (w.n + SLOTS + 1) * SLOT - now end
return {why, scope, wait, slot, w.r, w.t, reset}
"""
)

# KEYS as above. ARGV: permit, slot, tokens to add (negative: to give back).
# Whoever removes the permit from the first scope's places settles; nobody can a second time.
_SETTLE = Script(
    """
local permit, field, more = ARGV[1], 't' .. ARGV[2], tonumber(ARGV[3])
if redis.call('ZREM', KEYS[2], permit) == 0 then return 0 end
for i = 1, #KEYS / 2 do
  local key = KEYS[2 * i - 1]
  redis.call('ZREM', KEYS[2 * i], permit)
  if more ~= 0 and redis.call('HEXISTS', key, field) == 1 then
    redis.call('HINCRBY', key, field, more)
    redis.call('HINCRBY', key, 't', more)
  end
end
return 1
""",
    repeatable=True,
)


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
            self._store.post(_SETTLE(keys, (permit, slot, more), int))

        try:
            reply = await self._store.run(_ADMIT(keys, arguments, tuple))
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
