"""Approvals in Redis, encrypted.

    {tenant}|approval|<id>         a hash: user, expires, asked (encrypted), ruling (encrypted)
    {tenant}|approvals             all ids, scored by request time
    {tenant}|approvals|<user>      those of a user's runs

The first ruling counts: a single script checks and writes.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from genai.approvals.approval import Approval, Ruling
from genai.errors import BackendFailed
from genai.memory.cipher import Cipher
from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store

# KEYS: approval, all, the user's, the mark. ARGV: id, user, expires, asked, now, seconds to keep.
_ASK = Script(
    UNLESS_ERASED
    + """
if redis.call('HSETNX', KEYS[1], 'asked', ARGV[4]) == 1 then
  redis.call('HSET', KEYS[1], 'user', ARGV[2], 'expires', ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[6])
  for i = 2, 3 do
    redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[5] - ARGV[6])
    redis.call('ZADD', KEYS[i], ARGV[5], ARGV[1])
    redis.call('EXPIRE', KEYS[i], ARGV[6])
  end
end
return redis.call('HMGET', KEYS[1], 'user', 'asked', 'ruling')
""",
    repeatable=True,
)

# KEYS: approval. ARGV: ruling, now, 1 when it is for after the end. Answers the ruling that counts.
_RULE = Script(
    """
local before = redis.call('HMGET', KEYS[1], 'expires', 'ruling')
if not before[1] then return 'none' end
if before[2] then return before[2] end
local over = tonumber(ARGV[2]) >= tonumber(before[1])
if over ~= (ARGV[3] == '1') then return 'early or late' end
redis.call('HSET', KEYS[1], 'ruling', ARGV[1])
return ARGV[1]
""",
    repeatable=True,
)


class ApprovalStore:
    """Raises `BackendFailed` when Redis does not answer."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        *,
        kept_for_s: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._cipher = cipher
        self._kept_for_s = kept_for_s
        self._clock = clock

    async def async_ask(self, tenant: str, approval: Approval) -> Approval:
        """The stored approval with this id; created if it is new."""
        key = _key(tenant, approval.request.id)
        user = checked(approval.user, "user")
        sealed = self._cipher.seal(approval.model_dump_json().encode(), f"{key}|asked")
        expires, now = approval.request.expires_at, self._clock()
        words = (approval.request.id, user, expires, sealed, now, self._kept_for_s)
        lists = (key_of(tenant, "approvals"), key_of(tenant, "approvals", user))
        parse = unless_erased(lambda reply: self._opened(key, reply))
        found = await self._store.run(_ASK((key, *lists, erased_mark(tenant, user)), words, parse))
        if found is None:
            raise BackendFailed("an approval cannot be read", False)
        return found

    async def async_find(self, tenant: str, approval_id: str) -> Approval | None:
        """None if it does not exist (any more)."""
        key = _key(tenant, approval_id)
        words = ("HMGET", key, "user", "asked", "ruling")
        return await self._store.run(Command(words, lambda reply: self._opened(key, reply)))

    async def async_rule(self, tenant: str, approval_id: str, ruling: Ruling) -> Ruling | None:
        """The effective ruling: this one, or an earlier one.

        None when there is no such approval, when it has expired, or when an expiry comes too early.
        """
        key = _key(tenant, approval_id)
        sealed = self._cipher.seal(ruling.model_dump_json().encode(), f"{key}|ruling")
        expired = int(ruling.verdict == "expired")
        held = await self._store.run(_RULE([key], (sealed, ruling.at, expired), bytes))
        return None if held in (b"none", b"early or late") else self._ruling(key, held)

    async def async_list(
        self, tenant: str, user: str | None = None, *, limit: int
    ) -> tuple[Approval, ...]:
        """The newest approvals of a user, or of the whole tenant, newest first."""
        parts = () if user is None else (checked(user, "user"),)
        place = key_of(checked(tenant, "tenant"), "approvals", *parts)
        ids = await self._store.run(Command(("ZREVRANGE", place, 0, limit - 1), _texts))
        found = [await self.async_find(tenant, approval_id) for approval_id in ids]
        return tuple(approval for approval in found if approval is not None)

    async def async_erase(self, tenant: str, user: str) -> int:
        """Delete all approvals of a user; returns how many. Safe to call twice."""
        place = key_of(tenant, "approvals", checked(user, "user"))
        ids = await self._store.run(Command(("ZRANGE", place, 0, -1), _texts))
        for approval_id in ids:
            await self._store.run(Command(("DEL", _key(tenant, approval_id)), int))
            gone = ("ZREM", key_of(tenant, "approvals"), approval_id)
            await self._store.run(Command(gone, int))
        await self._store.run(Command(("DEL", place), int))
        return len(ids)

    def _opened(self, key: str, reply: list[Any]) -> Approval | None:
        _, asked, ruling = reply
        plain = self._cipher.open(asked, f"{key}|asked") if asked else None
        if plain is None:
            return None
        approval = Approval.model_validate_json(plain)
        if ruling is None:
            return approval
        return approval.model_copy(update={"ruling": self._ruling(key, ruling)})

    def _ruling(self, key: str, sealed: bytes) -> Ruling:
        """Raises `BackendFailed` for a ruling that was not sealed with our key: it approves nothing."""
        plain = self._cipher.open(sealed, f"{key}|ruling")
        if plain is None:
            raise BackendFailed("a ruling cannot be read", False)
        return Ruling.model_validate_json(plain)


def _key(tenant: str, approval_id: str) -> str:
    return key_of(checked(tenant, "tenant"), "approval", checked(approval_id, "approval_id"))


def _texts(reply: Iterable[bytes]) -> list[str]:
    return [text.decode() for text in reply]
