"""Runs in Redis, encrypted.

    {tenant}|run|<id>       a hash: user, run (encrypted), status, approval, attempt, tries
    {tenant}|lease|<id>     the attempt that works on it; expires when its process dies
    {tenant}|events|<id>    the events sent to the client, in order (encrypted)
    {tenant}|runs|<user>    the user's runs, scored by creation time
    gaf|runs                "tenant|id" of all unfinished runs, scored by the time of their next check

Attempts are numbered (fencing): writes of an attempt are rejected once a later one has begun, so a
process that was considered dead cannot interfere when it resumes.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from genai.errors import BackendFailed
from genai.memory.cipher import Cipher
from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.runs.run import Run, RunEvent, RunState, Status

_EVENT: TypeAdapter[RunEvent] = TypeAdapter(RunEvent)
_ALL = "gaf|runs"

# KEYS: run, the user's runs, the mark. ARGV: id, user, run, status, approval, now, seconds to keep.
_CREATE = Script(
    UNLESS_ERASED
    + """
if redis.call('HSETNX', KEYS[1], 'run', ARGV[3]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'user', ARGV[2], 'status', ARGV[4], 'approval', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[7])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[6] - ARGV[7])
redis.call('ZADD', KEYS[2], ARGV[6], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[7])
return 1
""",
    repeatable=True,
)

# KEYS: run, lease. ARGV: milliseconds. Answers attempt, tries and run; or nothing.
_CLAIM = Script(
    """
if redis.call('HGET', KEYS[1], 'status') ~= 'running' then return {} end
if redis.call('EXISTS', KEYS[2]) == 1 then return {} end
local attempt = redis.call('HINCRBY', KEYS[1], 'attempt', 1)
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
redis.call('SET', KEYS[2], attempt, 'PX', ARGV[1])
return {attempt, tries, redis.call('HGET', KEYS[1], 'run')}
"""
)

_STALE = "if redis.call('HGET', KEYS[1], 'attempt') ~= ARGV[1] then return 0 end\n"

# KEYS: run, lease. ARGV: attempt, milliseconds. What waits or is over needs no lease.
_RENEW = Script(
    _STALE
    + """
if redis.call('HGET', KEYS[1], 'status') == 'running' then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
return 1
"""
)

# KEYS: run, lease. ARGV: attempt.
_RELEASE = Script(_STALE + "redis.call('DEL', KEYS[2]) return 1")

# KEYS: run, lease, events. ARGV: attempt, how many there are, status, approval, seconds to keep,
# events. The same write again finds its own events and does nothing.
_APPEND = Script(
    _STALE
    + """
local there = redis.call('LLEN', KEYS[3])
if there == tonumber(ARGV[2]) + #ARGV - 5 and there > tonumber(ARGV[2]) then
  if redis.call('LINDEX', KEYS[3], -1) ~= ARGV[#ARGV] then return 0 end
else
  if there ~= tonumber(ARGV[2]) then return 0 end
  for i = 6, #ARGV do redis.call('RPUSH', KEYS[3], ARGV[i]) end
end
redis.call('HSET', KEYS[1], 'status', ARGV[3], 'approval', ARGV[4])
redis.call('EXPIRE', KEYS[3], ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[5])
if ARGV[3] ~= 'running' then redis.call('DEL', KEYS[2]) end
return 1
""",
    repeatable=True,
)

# KEYS: run. ARGV: the approval that was decided.
_RESUME = Script(
    """
local found = redis.call('HMGET', KEYS[1], 'status', 'approval')
if found[1] ~= 'waiting' or found[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'status', 'running', 'tries', 0)
return 1
"""
)

# KEYS: run, events. ARGV: how many events are known. Answers user, status, approval, count, events.
_READ = Script(
    """
local found = redis.call('HMGET', KEYS[1], 'user', 'status', 'approval')
local there = redis.call('LLEN', KEYS[2])
return {found[1], found[2], found[3], there, redis.call('LRANGE', KEYS[2], ARGV[1], -1)}
""",
    reads=True,
)


@dataclass(frozen=True, slots=True)
class RunAttempt:
    """Permission to work on a run, until a later attempt begins. ``tries`` counts attempts since it
    last waited.
    """

    run: Run
    number: int
    tries: int

    @property
    def tenant(self) -> str:
        return self.run.question.context.tenant


class RunStore:
    """Raises `BackendFailed` when Redis does not answer."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        *,
        kept_for_s: int,
        lease_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lease_s = lease_s
        self._store = store
        self._cipher = cipher
        self._kept_for_s = kept_for_s
        self._clock = clock

    # -- making and ending -------------------------------------------------------------------------

    async def async_create(self, run: Run, *, approval_id: str = "") -> bool:
        """Create a run, which waits if it has an approval; returns whether it is new. Safe to call
        twice.
        """
        context = run.question.context
        user = checked(context.user, "user")
        key = _key(context.tenant, "run", run.id)
        sealed = self._cipher.seal(run.model_dump_json().encode(), key)
        now, status = self._clock(), "waiting" if approval_id else "running"
        await self.async_look_at(context.tenant, run.id, now + self.lease_s)
        words = (run.id, user, sealed, status, approval_id, now, self._kept_for_s)
        keys = (key, key_of(context.tenant, "runs", user), erased_mark(context.tenant, user))
        return bool(await self._store.run(_CREATE(keys, words, unless_erased(int))))

    async def async_claim(self, tenant: str, run_id: str) -> RunAttempt | None:
        """Claim the run; None when another process has it, or there is nothing to do."""
        key = _key(tenant, "run", run_id)
        keys = (key, _key(tenant, "lease", run_id))
        reply = await self._store.run(_CLAIM(keys, (int(self.lease_s * 1000),), list))
        if not reply:
            return None
        number, tries, sealed = reply
        await self.async_look_at(tenant, run_id, self._clock() + self.lease_s)
        return RunAttempt(self._opened(key, sealed), number, tries)

    async def async_renew(self, attempt: RunAttempt) -> bool:
        """Renew the lease. False when a later attempt has begun."""
        keys = self._keys(attempt)[:2]
        words = (attempt.number, int(self.lease_s * 1000))
        return await self._store.run(_RENEW(keys, words, bool))

    async def async_release(self, attempt: RunAttempt, *, again_in_s: float) -> None:
        """Give the run back, to be retried after ``again_in_s``."""
        at = self._clock() + again_in_s
        await self.async_look_at(attempt.tenant, attempt.run.id, at)
        await self._store.run(_RELEASE(self._keys(attempt)[:2], (attempt.number,), int))

    async def async_append(
        self,
        attempt: RunAttempt,
        events: Sequence[RunEvent],
        *,
        after: int,
        status: Status = "running",
        approval_id: str = "",
    ) -> bool:
        """Append events after the first ``after``. False when a later attempt has begun.

        A ``status`` other than running ends the attempt.
        """
        keys = self._keys(attempt)
        sealed = [
            self._cipher.seal(_EVENT.dump_json(event), f"{keys[2]}|{after + index}")
            for index, event in enumerate(events)
        ]
        words = (attempt.number, after, status, approval_id, self._kept_for_s, *sealed)
        return bool(await self._store.run(_APPEND(keys, words, int)))

    async def async_resume(self, tenant: str, run_id: str, approval_id: str) -> bool:
        """Resume a run that waits for this approval; returns whether there was one."""
        resumed = _RESUME((_key(tenant, "run", run_id),), (approval_id,), bool)
        if not await self._store.run(resumed):
            return False
        await self.async_look_at(tenant, run_id, self._clock())
        return True

    # -- looking -----------------------------------------------------------------------------------

    async def async_run(self, tenant: str, run_id: str) -> Run | None:
        key = _key(tenant, "run", run_id)
        sealed = await self._store.run(Command(("HGET", key, "run"), lambda reply: reply))
        return None if sealed is None else self._opened(key, sealed)

    async def async_read(
        self, tenant: str, run_id: str, *, after: int = 0
    ) -> tuple[RunState, tuple[RunEvent, ...]] | None:
        """The state, and the events after the first ``after``; None for an unknown run."""
        keys = (_key(tenant, "run", run_id), _key(tenant, "events", run_id))
        user, status, approval, count, sealed = await self._store.run(_READ(keys, (after,), list))
        if user is None:
            return None
        state = RunState(
            user=user.decode(), status=status.decode(), approval_id=approval.decode(), events=count
        )
        return state, tuple(
            self._event(each, f"{keys[1]}|{after + index}") for index, each in enumerate(sealed)
        )

    async def async_due(self, *, limit: int = 20) -> list[tuple[str, str]]:
        """Tenants and ids of runs that are due to be looked at."""
        words = ("ZRANGEBYSCORE", _ALL, "-inf", self._clock(), "LIMIT", 0, limit)
        members: list[bytes] = await self._store.run(Command(words, list))
        pairs = [member.decode().partition("|") for member in members]
        return [(tenant, run_id) for tenant, _, run_id in pairs]

    async def async_look_at(self, tenant: str, run_id: str, at: float) -> None:
        """Schedule a look at the run."""
        await self._store.run(Command(("ZADD", _ALL, at, f"{tenant}|{run_id}"), int))

    async def async_forget(self, tenant: str, run_id: str) -> None:
        """Remove the run from the schedule."""
        await self._store.run(Command(("ZREM", _ALL, f"{tenant}|{run_id}"), int))

    async def async_erase(self, tenant: str, user: str) -> int:
        """Delete all runs of a user; returns how many. Safe to call twice."""
        place = key_of(checked(tenant, "tenant"), "runs", checked(user, "user"))
        ids = [i.decode() for i in await self._store.run(Command(("ZRANGE", place, 0, -1), list))]
        for run_id in ids:
            await self.async_forget(tenant, run_id)
            keys = [_key(tenant, kind, run_id) for kind in ("run", "lease", "events")]
            await self._store.run(Command(("DEL", *keys), int))
        await self._store.run(Command(("DEL", place), int))
        return len(ids)

    def _keys(self, attempt: RunAttempt) -> tuple[str, str, str]:
        run, lease, events = (
            _key(attempt.tenant, kind, attempt.run.id) for kind in ("run", "lease", "events")
        )
        return run, lease, events

    def _opened(self, key: str, sealed: bytes) -> Run:
        plain = self._cipher.open(sealed, key)
        if plain is None:
            raise BackendFailed("a run cannot be read", False)
        return Run.model_validate_json(plain)

    def _event(self, sealed: Any, place: str) -> RunEvent:
        plain = self._cipher.open(sealed, place)
        if plain is None:
            raise BackendFailed("what a run has told cannot be read", False)
        return _EVENT.validate_json(plain)


def _key(tenant: str, kind: str, run_id: str) -> str:
    return key_of(checked(tenant, "tenant"), kind, checked(run_id, "run_id"))
