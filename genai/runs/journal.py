"""The journal of a run in Redis, encrypted: what was done, so that a repeated attempt does nothing twice.

    {tenant}|journal|<user>|<run>    a hash: field -> what happened

The first write to a field wins. Later ones, from another machine after a crash or from a concurrent
attempt, get the stored value.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from genai.errors import BackendFailed, Misconfigured
from genai.memory.cipher import Cipher
from genai.memory.erased import UNLESS_ERASED, erased_mark, unless_erased
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Script, Store
from genai.messages import Question, Value

V = TypeVar("V", bound=Value)

# KEYS: journal, the mark. ARGV: seconds to keep, then field and value of each. Answers the values that hold.
_WRITE = Script(
    UNLESS_ERASED
    + """
local held = {}
for i = 2, #ARGV, 2 do
  redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
  held[#held + 1] = redis.call('HGET', KEYS[1], ARGV[i])
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return held
""",
    repeatable=True,
)


class JournalStore:
    """Raises `BackendFailed` when Redis does not answer."""

    def __init__(self, store: Store, cipher: Cipher, *, kept_for_s: int) -> None:
        self._store = store
        self._cipher = cipher
        self._kept_for_s = kept_for_s

    async def async_read(self, tenant: str, user: str, run_id: str) -> dict[str, str]:
        key = _key(tenant, user, run_id)
        return await self._store.run(
            Command(("HGETALL", key), lambda reply: self._opened(key, reply))
        )

    async def async_write(
        self, tenant: str, user: str, run_id: str, entries: Mapping[str, str]
    ) -> dict[str, str]:
        """The values now stored in these fields: the given ones, or earlier ones."""
        key = _key(tenant, user, run_id)
        words: list[str | bytes | int] = [self._kept_for_s]
        for field, text in entries.items():
            words += [field, self._cipher.seal(text.encode(), f"{key}|{field}")]
        keys = (key, erased_mark(tenant, user))
        held = await self._store.run(_WRITE(keys, words, unless_erased(list)))
        return {
            field: self._open(key, field, sealed)
            for field, sealed in zip(entries, held, strict=True)
        }

    def _opened(self, key: str, reply: Any) -> dict[str, str]:
        fields = zip(reply[::2], reply[1::2], strict=True)
        return {field.decode(): self._open(key, field.decode(), sealed) for field, sealed in fields}

    def _open(self, key: str, field: str, sealed: bytes) -> str:
        plain = self._cipher.open(sealed, f"{key}|{field}")
        if plain is None:
            raise BackendFailed("the journal of a run cannot be read", False)
        return plain.decode()


class Journal:
    """The journal of one run, in the process that works on it.

    Nothing is written to Redis before `async_keep`: most runs end without needing it. The nodes of
    a plan share the journal, each at its own place.
    """

    def __init__(self, store: JournalStore | None, question: Question) -> None:
        self._store = store
        self._where = (question.context.tenant, question.context.user, question.run_id)
        self._happened: dict[str, Value] = {}
        self._written: dict[str, str] = {}
        self._kept = question.durable and store is not None
        self._place = f"{question.place}:" if question.place else ""

    async def async_open(self) -> None:
        """Read what earlier attempts wrote."""
        if self._kept and self._store is not None:
            found = await self._store.async_read(*self._where)
            self._written = {
                field.removeprefix(self._place): text
                for field, text in found.items()
                if field.startswith(self._place)
            }

    def read(self, field: str, kind: type[V]) -> V | None:
        """The value of the field; None while it is empty."""
        if field not in self._happened and field in self._written:
            self._happened[field] = kind.model_validate_json(self._written[field])
        found = self._happened.get(field)
        assert found is None or isinstance(found, kind)
        return found

    async def async_write(self, field: str, value: V) -> V:
        """The value of the field from now on: ``value``, or what was written first."""
        known = self.read(field, type(value))
        if known is not None:
            return known
        if not self._kept:
            self._happened[field] = value
            return value
        await self._store_all({field: value})
        return self.read(field, type(value)) or value

    async def async_keep(self) -> None:
        """Write everything so far to Redis, and from now on every new field."""
        if not self._kept:
            await self._store_all(self._happened)
            self._kept = True

    async def _store_all(self, entries: Mapping[str, Value]) -> None:
        if self._store is None:
            raise Misconfigured("nothing is there to keep runs in")
        texts = {field: value.model_dump_json() for field, value in entries.items()}
        if texts:
            placed = {f"{self._place}{field}": text for field, text in texts.items()}
            held = await self._store.async_write(*self._where, placed)
            self._written |= {field.removeprefix(self._place): text for field, text in held.items()}
        for field, text in texts.items():
            if self._written[field] != text:
                self._happened.pop(field, None)


def _key(tenant: str, user: str, run_id: str) -> str:
    checked(tenant, "tenant"), checked(user, "user"), checked(run_id, "run_id")
    return key_of(tenant, "journal", user, run_id)
