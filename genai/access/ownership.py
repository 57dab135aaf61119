"""The owners of documents.

{tenant}|brought          document id -> user
{tenant}|brought|<user>   the ids of the user's documents
"""

from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store

# KEYS: all documents, the user's documents, the mark of an erasure. ARGV: document, user, prefix of the
# keys of users' documents.
_NOTE = Script(
    UNLESS_ERASED
    + """
local before = redis.call('HGET', KEYS[1], ARGV[1])
if before then redis.call('SREM', ARGV[3] .. before, ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[1])
return 1
""",
    repeatable=True,
)

# KEYS: all documents. ARGV: document, prefix of the keys of users' documents.
_FORGET = Script(
    """
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before then return 0 end
redis.call('SREM', ARGV[2] .. before, ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
""",
    repeatable=True,
)


class Ownership:
    """A document belongs to the user who last wrote it. Raises `BackendFailed`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def async_note(self, tenant: str, user: str, document_id: str) -> None:
        """Record the owner. Raises `Unauthenticated` if the user was erased."""
        lists = (key_of(tenant, "brought"), key_of(tenant, "brought", checked(user, "user")))
        keys = (*lists, erased_mark(tenant, user))
        prefix = key_of(tenant, "brought", "")
        await self._store.run(_NOTE(keys, (document_id, user, prefix), unless_erased(int)))

    async def async_forget(self, tenant: str, document_id: str) -> None:
        """Remove the owner of a deleted document. Safe to call twice."""
        arguments = (document_id, key_of(tenant, "brought", ""))
        await self._store.run(_FORGET([key_of(tenant, "brought")], arguments, int))

    async def async_of(self, tenant: str, user: str) -> tuple[str, ...]:
        """The ids of a user's documents, sorted."""
        key = key_of(tenant, "brought", checked(user, "user"))
        return await self._store.run(Command(("SMEMBERS", key), _texts))


def _texts(reply: list[bytes]) -> tuple[str, ...]:
    return tuple(sorted(text.decode() for text in reply))
