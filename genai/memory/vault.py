"""Placeholders and their personal data, per session, in Redis, encrypted.

    {tenant}|placeholders|<user>|<session>    a hash
        d:<digest of the data>                the placeholder
        n:<entity>                            the number of placeholders
        p:<placeholder>                       the data, encrypted

A single script assigns names, so that concurrent requests of a session never assign one name twice.
"""

from collections.abc import Sequence
from typing import Any

from genai.base.vault import Vault
from genai.memory.cipher import Cipher
from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.names import checked, key_of
from genai.memory.session_names import SessionNames
from genai.memory.store import Command, Script, Store
from genai.safety.placeholders import canonical, mark

# KEYS: the hash, the mark. ARGV: seconds to keep, then digest, entity, mark and sealed data of each.
_NAME = Script(
    UNLESS_ERASED
    + """
local names = {}
for i = 2, #ARGV, 4 do
  local digest, entity = 'd:' .. ARGV[i], ARGV[i + 1]
  local name = redis.call('HGET', KEYS[1], digest)
  if not name then
    name = '<' .. entity .. '_' .. redis.call('HINCRBY', KEYS[1], 'n:' .. entity, 1)
    name = name .. '_' .. ARGV[i + 2] .. '>'
    redis.call('HSET', KEYS[1], digest, name, 'p:' .. name, ARGV[i + 3])
  end
  names[#names + 1] = name
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return names
""",
    repeatable=True,
)


class RedisVault(Vault):
    def __init__(self, store: Store, cipher: Cipher, *, ttl_s: int) -> None:
        self._store = store
        self._cipher = cipher
        self._session_names = SessionNames(cipher)
        self._ttl_s = ttl_s

    async def async_known(self, tenant: str, user: str, session_id: str) -> dict[str, str]:
        key = vault_key(tenant, user, self._session_names.stored_id(session_id))
        return await self._store.run(
            Command(("HGETALL", key), lambda reply: self._opened(key, reply), repeatable=True)
        )

    async def async_name(
        self, tenant: str, user: str, session_id: str, found: Sequence[tuple[str, str]]
    ) -> list[str]:
        key = vault_key(tenant, user, self._session_names.stored_id(session_id))
        words: list[str | bytes | int] = [self._ttl_s]
        for entity, data in found:
            digest = self._cipher.digest(f"{key}|{entity}|{canonical(entity, data)}")
            words += [digest, entity, mark(), self._cipher.seal(data.encode(), key)]
        keys = (key, erased_mark(tenant, user))
        return await self._store.run(_NAME(keys, words, unless_erased(_names)))

    def _opened(self, key: str, reply: Any) -> dict[str, str]:
        """Data that cannot be decrypted, because the data key changed, is left out."""
        fields = (
            dict(zip(reply[::2], reply[1::2], strict=True)) if isinstance(reply, list) else reply
        )
        known: dict[str, str] = {}
        for field, sealed in fields.items():
            data = self._cipher.open(sealed, key) if field.startswith(b"p:") else None
            if data is not None:
                known[field[2:].decode()] = data.decode()
        return known


def vault_key(tenant: str, user: str, stored_id: str) -> str:
    """``stored_id`` is the stored session id (`SessionNames`)."""
    checked(tenant, "tenant"), checked(user, "user")
    return key_of(tenant, "placeholders", user, stored_id)


def _names(reply: Any) -> list[str]:
    return [name.decode() for name in reply]
