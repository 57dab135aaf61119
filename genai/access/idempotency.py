"""``Idempotency-Key``: a repeated request is not carried out again.

    new ──claim──▶ running ──finish──▶ done ──(24 h)──▶ forgotten
                     │  └────abandon────▶ new
                     └──the lease runs out──▶ the next claim takes over

The record of a running request is a hash; that of a finished one is a compact string:
"<hash of the payload> <status> <media type>", a line feed, and the encrypted reply, which may contain
personal data.

A key belongs to one user and one route including its path parameters. Each claim has a number, as a
fencing token: a claim that lost its lease cannot finish any more. The claim that takes over frees the
reservation of the one before, so a request that runs again because its process died is charged once.

If a caller stops waiting for a claim, the claim is withdrawn, even while its command is under way. A command
that reaches Redis after its withdrawal finds the mark ``{tenant}|withdrawn|<attempt>`` and does nothing.
"""

import asyncio
import hashlib
import secrets
import zlib
from typing import Any

from genai.access.principal import Principal
from genai.errors import BackendFailed, Conflict, InvalidInput, TryLater
from genai.memory.cipher import Cipher
from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.failure_detector import NotSent
from genai.memory.names import key_of
from genai.memory.store import Script, Store
from genai.messages import Value

KEPT_FOR_S = 86_400
LEASE_S = 8.0
MARKED_FOR_S = 60
DIGITS = 32
"""Hexadecimal digits of a hash: 128 bits."""

_FASTEST = 1
"""Compression level of zlib: it blocks the event loop for a sixth of the default level's time."""

FIRST_POLL_S, SLOWEST_POLL_S = 0.02, 0.25

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

_IS_DONE = "if redis.call('TYPE', KEYS[1]).ok == 'string' then "

# KEYS: the record, the marks of a withdrawal and of an erasure. ARGV: hash of the payload, lease in ms,
# seconds to keep, attempt.
# The permit of a dead process stays until another one is noted, because a claim may be withdrawn.
_CLAIM = Script(
    UNLESS_ERASED
    + _NOW
    + "if redis.call('EXISTS', KEYS[2]) == 1 then return {'withdrawn'} end\n"
    + _IS_DONE
    + """
  local reply = redis.call('GET', KEYS[1])
  local payload, status, media, body = string.match(reply, '^(%x+) (%d+) ([^\\n]*)\\n(.*)$')
  if payload ~= ARGV[1] then return {'other'} end
  return {'done', tonumber(status), media, body}
end
local known = redis.call('HMGET', KEYS[1], 'payload', 'until')
if known[1] and known[1] ~= ARGV[1] then return {'other'} end
if known[2] and tonumber(known[2]) > now then return {'running', tonumber(known[2]) - now} end
local first = known[1] and '' or ' first'
redis.call('HSET', KEYS[1], 'payload', ARGV[1], 'until', now + ARGV[2], 'by', ARGV[4] .. first)
redis.call('EXPIRE', KEYS[1], ARGV[3])
local permit = redis.call('HGET', KEYS[1], 'permit')
return {'claimed', redis.call('HINCRBY', KEYS[1], 'claim', 1), permit or ''}
"""
)

# KEYS: the record, the mark. ARGV: attempt, lifetime of the mark in seconds.
_WITHDRAW = Script(
    _IS_DONE
    + """
  return 0
end
local by = redis.call('HGET', KEYS[1], 'by')
if by == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'until', 'by')
elseif by == ARGV[1] .. ' first' then
  redis.call('HDEL', KEYS[1], 'until', 'by', 'payload')
else
  redis.call('SET', KEYS[2], 1, 'EX', ARGV[2])
end
return 1
""",
    repeatable=True,
)

# KEYS: the record. ARGV: number of the claim, then further arguments of the script.
_IF_MINE = (
    _IS_DONE
    + "return 0 end\nif redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then return 0 end\n"
)

_RENEW = Script(
    _NOW + _IF_MINE + "redis.call('HSET', KEYS[1], 'until', now + ARGV[2]) return 1",
    repeatable=True,
)
_NOTE = Script(
    _IF_MINE + "redis.call('HSET', KEYS[1], 'permit', ARGV[2]) return 1",
    repeatable=True,
)
_FINISH = Script(
    _IF_MINE
    + """
local head = redis.call('HGET', KEYS[1], 'payload') .. ' ' .. ARGV[2] .. ' ' .. ARGV[3] .. '\\n'
redis.call('SET', KEYS[1], head .. ARGV[4], 'PX', redis.call('PTTL', KEYS[1]))
return 1
""",
    repeatable=True,
)
_ABANDON = Script(
    _IF_MINE + "return redis.call('HDEL', KEYS[1], 'until', 'by', 'payload', 'permit')",
    repeatable=True,
)


class KeyReused(InvalidInput):
    """The key was used with another payload."""

    status = 422
    code = "idempotency_key_reused"


class StoredReply(Value):
    """The stored reply to an earlier request with the same key."""

    status: int
    body: bytes
    media_type: str = "application/json"


class InProgress(Value):
    """Another request with the same key is running. Its lease ends in ``lease_s`` unless renewed."""

    lease_s: float


class Claim:
    """The exclusive right to carry out a request. Renews its lease until it is finished or abandoned.

    ``abandoned_permit`` is the permit of a process that died during this request, or empty.
    """

    def __init__(
        self,
        store: Store,
        key: str,
        number: int,
        lease_s: float,
        cipher: Cipher,
        *,
        abandoned_permit: str = "",
    ) -> None:
        self.abandoned_permit = abandoned_permit
        self._store = store
        self._key = key
        self._number = number
        self._lease_s = lease_s
        self._cipher = cipher
        self._renewing = asyncio.create_task(self._renew())

    def note_permit(self, permit: str) -> None:
        """Store the permit of this request with the claim. Does not wait for Redis."""
        self._store.post(_NOTE([self._key], (self._number, permit), int))

    async def async_finish(self, reply: StoredReply) -> None:
        """Store the reply for later requests with the same key.

        During an outage of Redis, the reply is stored as soon as it is over.
        """
        self._renewing.cancel()
        sealed = self._cipher.seal(zlib.compress(reply.body, level=_FASTEST), self._key)
        words = (self._number, reply.status, reply.media_type, sealed)
        finish = _FINISH([self._key], words, int)
        try:
            await self._store.run(finish)
        except BackendFailed:
            self._store.post(finish)

    async def async_abandon(self) -> None:
        """Let the next request with the same key run. No effect after `async_finish`."""
        self._renewing.cancel()
        self._store.post(_ABANDON([self._key], (self._number,), int))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            self._store.post(_RENEW([self._key], (self._number, int(self._lease_s * 1000)), int))


class Idempotency:
    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        *,
        lease_s: float = LEASE_S,
        kept_for_s: int = KEPT_FOR_S,
    ) -> None:
        self._store = store
        self._cipher = cipher
        self._lease_s = lease_s
        self._kept_for_s = kept_for_s

    async def async_claim(
        self,
        principal: Principal,
        *,
        route: str,
        key: str,
        payload: bytes,
        wait_s: float = 0.0,
    ) -> Claim | StoredReply:
        """A claim to carry out the request, or the stored reply.

        While an earlier request runs, waits ``wait_s`` for its reply, then raises `Conflict`.
        Raises `KeyReused` for another payload, and `TryLater` if Redis does not answer.
        """
        pause, until = FIRST_POLL_S, asyncio.get_running_loop().time() + wait_s
        while True:
            outcome = await self._try(principal, route, key, payload)
            if not isinstance(outcome, InProgress):
                return outcome
            if asyncio.get_running_loop().time() + pause > until:
                raise Conflict("a request with this idempotency key is still running")
            await asyncio.sleep(pause)
            pause = min(2 * pause, SLOWEST_POLL_S)

    async def _try(
        self, principal: Principal, route: str, key: str, payload: bytes
    ) -> Claim | StoredReply | InProgress:
        name = hashlib.sha256(f"{route}|{key}".encode()).hexdigest()[:DIGITS]
        place = key_of(principal.tenant, "idempotency", principal.user, name)
        payload_hash = self._cipher.digest(payload.hex())[:DIGITS]
        try:
            reply = await self._claim(principal, place, payload_hash)
        except BackendFailed as error:
            raise TryLater("idempotency keys cannot be checked at the moment") from error
        return self._outcome(place, reply)

    async def _claim(self, principal: Principal, place: str, payload_hash: str) -> list[Any]:
        attempt = secrets.token_hex(8)
        keys = (place, key_of(principal.tenant, "withdrawn", attempt))
        marked = (*keys, erased_mark(principal.tenant, principal.user))
        words = (payload_hash, int(self._lease_s * 1000), self._kept_for_s, attempt)
        try:
            return await self._store.run(_CLAIM(marked, words, unless_erased(list)))
        except NotSent:
            raise
        except (BackendFailed, asyncio.CancelledError):
            self._store.post(_WITHDRAW(keys, (attempt, MARKED_FOR_S), int))
            raise

    def _outcome(self, place: str, reply: list[Any]) -> Claim | StoredReply | InProgress:
        match reply:
            case [b"claimed", number, permit]:
                return Claim(
                    self._store,
                    place,
                    number,
                    self._lease_s,
                    self._cipher,
                    abandoned_permit=permit.decode(),
                )
            case [b"done", status, media, sealed]:
                packed = self._cipher.open(sealed, place)
                if packed is None:
                    raise BackendFailed("the reply that was kept cannot be read", False)
                body = zlib.decompress(packed)
                return StoredReply(status=status, body=body, media_type=media.decode())
            case [b"running", milliseconds]:
                return InProgress(lease_s=milliseconds / 1000)
            case _:
                raise KeyReused("this idempotency key was used for another request")
