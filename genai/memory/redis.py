"""Sessions in Redis, shared by all replicas.

    {tenant}|owner|<session>      the user whose session it is
    {tenant}|turns|<session>      a list of turns, oldest first, each "<tokens> <JSON>"
    {tenant}|sessions|<user>      the user's sessions, scored by the time they expire

Every operation is one script, so nobody sees half of it, and one round trip.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import TypeAdapter

from genai.base.memory import BaseMemory
from genai.base.prompt import estimate_tokens
from genai.errors import NotFound
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.memory.vault import vault_key
from genai.messages import Turn
from genai.settings.state import MemorySettings

NO_SUCH_SESSION = "no such session"

_TURNS = TypeAdapter(tuple[Turn, ...])

# Scripts answer this instead of data when the session belongs to another user.
_FOREIGN = b"foreign"

_OWNED_BY_OTHERS = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 'foreign' end
"""

# KEYS: owner, turns, sessions. ARGV: user, session, ttl, most turns, now, turn ...
_STORE = Script(
    _OWNED_BY_OTHERS
    + """
if #ARGV < 6 then return 'stored' end
local ttl, most, now = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('SET', KEYS[1], ARGV[1], 'EX', ttl)
local length = 0
for i = 6, #ARGV do length = redis.call('RPUSH', KEYS[2], ARGV[i]) end
if length > most then redis.call('LTRIM', KEYS[2], -most, -1) end
redis.call('EXPIRE', KEYS[2], ttl)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
redis.call('ZADD', KEYS[3], now + ttl, ARGV[2])
redis.call('EXPIRE', KEYS[3], ttl)
return 'stored'
"""
)

# Answers one JSON array, which costs a client less to read than a list of texts.
# KEYS: owner, turns. ARGV: user, most tokens.
_RETRIEVE = Script(
    _OWNED_BY_OTHERS
    + """
local left, newest_first, last = tonumber(ARGV[2]), {}, -1
repeat
  local page = redis.call('LRANGE', KEYS[2], last - 15, last)
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
return '[' .. table.concat(found, ',') .. ']'
""",
    repeatable=True,
)

# KEYS: owner, turns. ARGV: user. A session that does not exist is as foreign as another user's.
_ALL = Script(
    """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'foreign' end
local found = {}
for i, line in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  found[i] = string.match(line, '^%d+ (.*)$')
end
return '[' .. table.concat(found, ',') .. ']'
""",
    repeatable=True,
)

# KEYS: owner, turns, sessions, placeholders. ARGV: user, session.
_DELETE = Script(
    _OWNED_BY_OTHERS
    + """
redis.call('ZREM', KEYS[3], ARGV[2])
return redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])
""",
    repeatable=True,
)


class RedisMemory(BaseMemory):
    def __init__(
        self,
        store: Store,
        settings: MemorySettings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    async def async_store(
        self, tenant: str, user: str, session_id: str, turns: Sequence[Turn]
    ) -> None:
        keys = _keys(tenant, user, session_id)
        now = self._clock()
        limits = (self._settings.ttl_s, self._settings.max_turns, int(now))
        lines = [_line(turn, now) for turn in turns]
        await self._store.run(_STORE(keys, (user, session_id, *limits, *lines), _unless_foreign))

    async def async_retrieve(
        self, tenant: str, user: str, session_id: str, *, max_tokens: int
    ) -> tuple[Turn, ...]:
        keys = _keys(tenant, user, session_id)[:2]
        return await self._store.run(_RETRIEVE(keys, (user, max_tokens), _turns))

    async def async_delete(self, tenant: str, user: str, session_id: str) -> bool:
        """Raises `NotFound` when the session belongs to another user."""
        keys = (*_keys(tenant, user, session_id), vault_key(tenant, user, session_id))
        return bool(await self._store.run(_DELETE(keys, (user, session_id), _unless_foreign)))

    async def async_turns(self, tenant: str, user: str, session_id: str) -> tuple[Turn, ...]:
        """All turns that are kept, oldest first. Raises `NotFound` for an unknown session."""
        keys = _keys(tenant, user, session_id)[:2]
        return await self._store.run(_ALL(keys, (user,), _turns))

    async def async_sessions(self, tenant: str, user: str) -> tuple[str, ...]:
        """The ids of the user's sessions, the one used last at the end."""
        key = key_of(checked(tenant, "tenant"), "sessions", checked(user, "user"))
        live = ("ZRANGEBYSCORE", key, self._clock(), "+inf")
        return await self._store.run(Command(live, _names))


def _keys(tenant: str, user: str, session_id: str) -> tuple[str, str, str]:
    checked(tenant, "tenant"), checked(user, "user"), checked(session_id, "session_id")
    return (
        key_of(tenant, "owner", session_id),
        key_of(tenant, "turns", session_id),
        key_of(tenant, "sessions", user),
    )


def _line(turn: Turn, now: float) -> str:
    completed = completed_turn(turn, now)
    return f"{completed.tokens} {completed.model_dump_json()}"


def completed_turn(turn: Turn, now: float) -> Turn:
    """The turn with what its sender left out: its length and the time."""
    missing: dict[str, object] = {}
    if not turn.tokens:
        missing["tokens"] = estimate_tokens(turn.content)
    if not turn.at:
        missing["at"] = now
    return turn.model_copy(update=missing) if missing else turn


def _unless_foreign(reply: Any) -> Any:
    if reply == _FOREIGN:
        raise NotFound(NO_SUCH_SESSION)
    return reply


def _turns(reply: Any) -> tuple[Turn, ...]:
    return _TURNS.validate_json(_unless_foreign(reply))


def _names(reply: list[bytes]) -> tuple[str, ...]:
    return tuple(name.decode() for name in reply)
