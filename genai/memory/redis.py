"""Sessions in Redis, shared by all replicas.

    {tenant}|turns|<user>|<session>   a list of turns, oldest first, each "<tokens> <JSON, sealed>"
    {tenant}|sessions|<user>          the user's sessions, scored by the time they expire
    {tenant}|begun|<user>             those with a generated id that were used only once

Sessions belong to a user: two users may use the same id. `SessionNames` maps ids to keys.

Most questions name no session, and most sessions started for them are never continued. So only the
newest single-use sessions of each user are kept; one that waits for an approval is not counted as such.

Every operation is a single script: atomic, and one round trip.
"""

import time
from collections.abc import Callable, Sequence

from pydantic import TypeAdapter

from genai.base.memory import BaseMemory
from genai.base.prompt import estimate_tokens
from genai.memory.cipher import Cipher
from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.names import checked, key_of
from genai.memory.session_ids import is_generated
from genai.memory.session_names import SessionNames
from genai.memory.store import Command, Script, Store
from genai.memory.vault import vault_key
from genai.messages import Turn
from genai.settings.state import MemorySettings

_TURNS = TypeAdapter(tuple[Turn, ...])

# KEYS: turns, sessions, begun, placeholders; the first and the last end with the session. Then the mark.
# ARGV: session, ttl, max turns, now, max single-use sessions (empty: the caller chose the id), turn ...
_STORE = Script(
    UNLESS_ERASED
    + """
if #ARGV < 6 then return 'stored' end
local session, ttl, most, now = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local most_begun, length = tonumber(ARGV[5]), 0
for i = 6, #ARGV do length = redis.call('RPUSH', KEYS[1], ARGV[i]) end
local place, other = KEYS[2], KEYS[3]
if most_begun and length == #ARGV - 5 then place, other = other, place end
if length > most then redis.call('LTRIM', KEYS[1], -most, -1) end
redis.call('EXPIRE', KEYS[1], ttl)
redis.call('ZREM', other, session)
redis.call('ZREMRANGEBYSCORE', place, '-inf', now)
redis.call('ZADD', place, now + ttl, session)
redis.call('EXPIRE', place, ttl)
local excess = most_begun and redis.call('ZCARD', KEYS[3]) - most_begun or 0
if excess > 0 then
  for _, name in ipairs(redis.call('ZRANGE', KEYS[3], 0, math.min(excess, 100))) do
    if name ~= session and excess > 0 then
      excess = excess - 1
      redis.call('ZREM', KEYS[3], name)
      for _, key in ipairs({KEYS[1], KEYS[4]}) do
        redis.call('UNLINK', string.sub(key, 1, -#session - 1) .. name)
      end
    end
  end
end
return 'stored'
"""
)

# KEYS: turns. ARGV: most tokens.
_RETRIEVE = Script(
    """
local left, newest_first, last = tonumber(ARGV[1]), {}, -1
repeat
  local page = redis.call('LRANGE', KEYS[1], last - 15, last)
  for i = #page, 1, -1 do
    local tokens, turn = string.match(page[i], '^(%d+) (.*)$')
    left = left - tokens
    if left < 0 then break end
    newest_first[#newest_first + 1] = turn
  end
  last = last - 16
until left < 0 or #page < 16
local found = {}
for i = #newest_first, 1, -1 do found[#found + 1] = newest_first[i] end
return found
""",
    reads=True,
)

# KEYS: turns, sessions, begun, placeholders. ARGV: session.
_DELETE = Script(
    """
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return redis.call('DEL', KEYS[1], KEYS[4])
""",
    repeatable=True,
)

# KEYS: sessions, begun. ARGV: session, ttl.
_HOLD = Script(
    """
local ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not ends then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], ends, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
""",
    repeatable=True,
)

# KEYS: sessions, begun. ARGV: now.
_LIST = Script(
    """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[1], '+inf')
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf')) do
  found[#found + 1] = name
end
return found
""",
    reads=True,
)


class RedisMemory(BaseMemory):
    def __init__(
        self,
        store: Store,
        settings: MemorySettings,
        cipher: Cipher,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._settings = settings
        self._cipher = cipher
        self._names = SessionNames(cipher)
        self._clock = clock

    async def async_store(
        self, tenant: str, user: str, session_id: str, turns: Sequence[Turn]
    ) -> None:
        stored_id = self._names.stored_id(session_id)
        keys = _keys(tenant, user, stored_id)
        now = self._clock()
        settings = self._settings
        most_begun = settings.max_begun if is_generated(session_id) else ""
        limits = (settings.ttl_s, settings.max_turns, round(now, 3), most_begun)
        lines = [self._line(turn, now, keys[0]) for turn in turns]
        marked = (*keys, erased_mark(tenant, user))
        await self._store.run(_STORE(marked, (stored_id, *limits, *lines), unless_erased(bytes)))

    async def async_retrieve(
        self, tenant: str, user: str, session_id: str, *, max_tokens: int
    ) -> tuple[Turn, ...]:
        keys = _keys(tenant, user, self._names.stored_id(session_id))[:1]
        found = _RETRIEVE(keys, (max_tokens,), lambda sealed: self._turns(sealed, keys[0]))
        return await self._store.run(found)

    async def async_delete(self, tenant: str, user: str, session_id: str) -> bool:
        stored_id = self._names.stored_id(session_id)
        return await self._store.run(_DELETE(_keys(tenant, user, stored_id), (stored_id,), bool))

    async def async_forget(self, tenant: str, user: str) -> None:
        """Remove the lists of a user's sessions, with the names of expired ones."""
        lists = (key_of(tenant, "sessions", user), key_of(tenant, "begun", user))
        await self._store.run(Command(("DEL", *lists), int))

    def hold(self, tenant: str, user: str, session_id: str) -> None:
        stored_id = self._names.stored_id(session_id)
        _, *places, _ = _keys(tenant, user, stored_id)
        self._store.post(_HOLD(places, (stored_id, self._settings.ttl_s), int))

    async def async_sessions(self, tenant: str, user: str) -> tuple[str, ...]:
        """The stored ids of the user's sessions: first those used only once, then the others, each by
        last use.
        """
        checked(tenant, "tenant"), checked(user, "user")
        keys = (key_of(tenant, "sessions", user), key_of(tenant, "begun", user))
        return await self._store.run(_LIST(keys, (self._clock(),), _names))

    def _line(self, turn: Turn, now: float, place: str) -> bytes:
        completed = completed_turn(turn, now)
        sealed = self._cipher.seal(completed.model_dump_json().encode(), place)
        return b"%d %s" % (completed.tokens, sealed)

    def _turns(self, lines: Sequence[bytes], place: str) -> tuple[Turn, ...]:
        """Turns that cannot be decrypted, because the data key changed, are left out."""
        opened = (self._cipher.open(line, place) for line in lines)
        return _TURNS.validate_json(b"[%s]" % b",".join(filter(None, opened)))


def _keys(tenant: str, user: str, stored_id: str) -> tuple[str, str, str, str]:
    checked(tenant, "tenant"), checked(user, "user")
    return (
        key_of(tenant, "turns", user, stored_id),
        key_of(tenant, "sessions", user),
        key_of(tenant, "begun", user),
        vault_key(tenant, user, stored_id),
    )


def completed_turn(turn: Turn, now: float) -> Turn:
    """The turn with the number of tokens and the time filled in."""
    missing: dict[str, object] = {}
    if not turn.tokens:
        missing["tokens"] = estimate_tokens(turn.content)
    if not turn.at:
        missing["at"] = now
    return turn.model_copy(update=missing) if missing else turn


def _names(reply: list[bytes]) -> tuple[str, ...]:
    return tuple(name.decode() for name in reply)
