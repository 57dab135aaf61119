"""Encrypted lines in a stream per tenant, each with its user.

    {tenant}|<name>    a stream, oldest first; each entry is a user and one encrypted line

The user is not encrypted, so that the lines of an erased person can be found.
"""

from collections.abc import AsyncIterator, Sequence

from genai.memory.cipher import Cipher
from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.names import checked, key_of
from genai.memory.pages import entries
from genai.memory.store import Command, Script, Store

KEPT = 100_000
"""Lines per tenant; older ones are dropped."""

# KEYS: stream, the mark. ARGV: most entries, user, line.
_ADD = Script(
    UNLESS_ERASED
    + "return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'user', ARGV[2], 'sealed', ARGV[3])"
)


class SealedLines:
    """Lines that cannot be decrypted, because the data key changed, are skipped.

    Methods that wait for Redis raise `BackendFailed`.
    """

    def __init__(self, store: Store, cipher: Cipher, name: str) -> None:
        self._store = store
        self._cipher = cipher
        self._name = name

    async def async_add(self, tenant: str, user: str, line: str) -> None:
        await self._store.run(self._added(tenant, user, line))

    def post(self, tenant: str, user: str, line: str) -> None:
        """Write in the background; lost if Redis is down."""
        self._store.post(self._added(tenant, user, line))

    async def async_all(self, tenant: str) -> AsyncIterator[bytes]:
        """Oldest first."""
        stream = self._of(checked(tenant, "tenant"))
        async for _, fields in entries(self._store, stream):
            if (line := self._opened(fields, stream)) is not None:
                yield line

    async def async_newest(self, tenant: str, at_most: int) -> list[bytes]:
        """Oldest first."""
        stream = self._of(checked(tenant, "tenant"))
        words = ("XREVRANGE", stream, "+", "-", "COUNT", at_most)
        newest = await self._store.run(Command(words, list))
        opened = (self._opened(fields, stream) for _, fields in reversed(newest))
        return [line for line in opened if line is not None]

    def _of(self, tenant: str) -> str:
        return key_of(tenant, self._name)

    def _added(self, tenant: str, user: str, line: str) -> Command[bytes]:
        stream = self._of(tenant)
        sealed = self._cipher.seal(line.encode(), stream)
        keys = (stream, erased_mark(tenant, user))
        return _ADD(keys, (KEPT, checked(user, "user"), sealed), unless_erased(bytes))

    def _opened(self, fields: Sequence[bytes], stream: str) -> bytes | None:
        return self._cipher.open(fields[3], stream)
