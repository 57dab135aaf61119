"""Erases the data of a person from all stores.

Requests of the person that still run store nothing more (`genai.memory.erased`), and are charged to the
tenant only.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, Protocol
from uuid import uuid4

from genai.access.keys import Keys
from genai.access.money_scripts import ANONYMISE_HELD
from genai.access.ownership import Ownership
from genai.errors import BackendFailed
from genai.memory.names import checked, key_of
from genai.memory.pages import PAGE, entries, texts
from genai.memory.redis import RedisMemory
from genai.memory.store import Command, Script, Store
from genai.messages import Value

BATCH = 200


class Receipt(Value):
    """The numbers of removed objects by kind. Does not name the person."""

    id: str
    at: float
    removed: dict[str, int]


class Eraser(Protocol):
    """Erases a person's data from one store."""

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        """Erase all data of a person. Returns the numbers of objects by kind. Safe to call twice."""
        ...


class Erasure:
    """Runs all ``erasers``, in order. Raises their errors; what was erased before stays erased."""

    def __init__(
        self, erasers: Sequence[Eraser], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._erasers = erasers
        self._clock = clock

    async def async_erase(self, tenant: str, user: str) -> Receipt:
        checked(tenant, "tenant"), checked(user, "user")
        removed: Counter[str] = Counter()
        for eraser in self._erasers:
            removed.update(await eraser.async_erase(tenant, user))
        return Receipt(
            id=f"era_{uuid4().hex}", at=self._clock(), removed=dict(sorted(removed.items()))
        )


class Sessions:
    """The sessions that the index of the person lists, with their turns. `Records` erases the others."""

    def __init__(self, memory: RedisMemory) -> None:
        self._memory = memory

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        sessions = await self._memory.async_sessions(tenant, user)
        removed = [await self._memory.async_delete(tenant, user, name) for name in sessions]
        await self._memory.async_forget(tenant, user)
        return {"sessions": sum(removed)}


# KEYS: a ledger. ARGV: ids of entries. Removes user, key and request from them, and keeps the amounts.
_ANONYMISE = Script(
    """
local done = 0
for _, id in ipairs(ARGV) do
  local found = redis.call('XRANGE', KEYS[1], id, id)[1]
  if found then
    local fields = found[2]
    for i = 1, #fields, 2 do
      if fields[i] == 'user' or fields[i] == 'key' or fields[i] == 'request' then
        fields[i + 1] = '-'
      end
    end
    redis.call('XDEL', KEYS[1], id)
    redis.call('XADD', KEYS[1], '*', unpack(fields))
    done = done + 1
  end
end
return done
"""
)


class Records:
    """The data in Redis of a person or of the person's API keys.

    Removes keys, turns of sessions, stored replies, usage details, budgets, rate limits, feedback and
    exchanges. Entries of the ledger are anonymised, so that its sums stay correct.
    """

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        records = await self._keys.async_list(tenant)
        key_ids = {r.principal.key_id for r in records if r.principal.user == user}
        removed = Counter(keys=await self._keys.async_erase(tenant, user))
        for kind in ("feedback", "exchanges"):
            removed[kind] = await self._erase_lines(tenant, user, kind)
        removed["unsettled"] = await self._erase_unsettled(tenant, user)
        running = ANONYMISE_HELD([key_of(tenant, "held")], (user,), list)
        sessions = {name.decode() for name in await self._store.run(running)}
        names = {name async for name in self._names(tenant) if _may_be_of(name, user)}
        sessions.update(_sessions(names))
        await self._erase_budgets(tenant, user, key_ids)
        scopes = {("user", user), *(("key", key_id) for key_id in key_ids)}
        scopes |= {("session", name) for name in sessions}
        for name in names:
            kind = _kind(name, user, scopes)
            if kind == "ledger":
                removed["ledger_lines_anonymised"] += await self._anonymise(name, user)
            elif kind:
                removed[kind] += await self._store.run(Command(("DEL", name), int))
        return removed

    async def _erase_lines(self, tenant: str, user: str, kind: str) -> int:
        stream = key_of(tenant, kind)
        found = await self._lines_of(stream, user)
        for batch in _batches(found):
            await self._store.run(Command(("XDEL", stream, *batch), int))
        return len(found)

    async def _anonymise(self, ledger: str, user: str) -> int:
        found = await self._lines_of(ledger, user)
        return sum(
            [await self._store.run(_ANONYMISE([ledger], batch, int)) for batch in _batches(found)]
        )

    async def _erase_unsettled(self, tenant: str, user: str) -> int:
        place = key_of(tenant, "unsettled")
        lines = await self._store.run(Command(("HGETALL", place), list))
        pairs = zip(lines[::2], lines[1::2], strict=True)
        found = [permit for permit, line in pairs if line.decode().split(" ")[5] == user]
        for batch in _batches(found):
            await self._store.run(Command(("HDEL", place, *batch), int))
        return len(found)

    async def _erase_budgets(self, tenant: str, user: str, key_ids: set[str]) -> None:
        scopes = [f"user|{user}", *(f"key|{key_id}" for key_id in key_ids)]
        fields = [f"{scope}|{period}" for scope in scopes for period in ("day", "month")]
        for batch in _batches(fields):
            await self._store.run(Command(("HDEL", key_of(tenant, "budgets"), *batch), int))

    async def _names(self, tenant: str) -> AsyncIterator[str]:
        """All Redis keys of the tenant; SCAN may return a key twice."""
        cursor, pattern = 0, key_of(tenant, "*")
        while True:
            words = ("SCAN", cursor, "MATCH", pattern, "COUNT", PAGE)
            reply: Any = await self._store.run(Command(words, tuple))
            for name in reply[1]:
                yield name.decode()
            cursor = int(reply[0])
            if not cursor:
                return

    async def _lines_of(self, stream: str, user: str) -> list[str]:
        found = entries(self._store, stream)
        return [line async for line, fields in found if texts(fields).get("user") == user]


def _may_be_of(name: str, user: str) -> bool:
    """Whether a Redis key may belong to the person, or is a ledger. Whose a session's limits are is known
    only when all names are: they bear the session's id alone.
    """
    _, kind, *parts = name.split("|")
    return kind == "ledger" or kind in _BY_SCOPE or (kind in _BY_USER and parts[0] == user)


def _sessions(names: Iterable[str]) -> Iterator[str]:
    """The stored ids of the sessions that have turns or placeholders."""
    for name in names:
        _, kind, *parts = name.split("|")
        if kind in ("turns", "placeholders"):
            yield parts[1]


def _kind(name: str, user: str, scopes: set[tuple[str, str]]) -> str:
    """The kind of a Redis key, if it belongs to the person or is a ledger; otherwise empty."""
    _, kind, *parts = name.split("|")
    if kind == "ledger":
        return "ledger"
    if kind in _BY_USER:
        return _BY_USER[kind] if parts[0] == user else ""
    if kind in _BY_SCOPE:
        return "" if scopes.isdisjoint(pairwise(parts)) else _BY_SCOPE[kind]
    return ""


_BY_USER = {
    "idempotency": "stored_replies",
    "turns": "sessions",
    "placeholders": "placeholders",
    "journal": "run_journals",
}
_BY_SCOPE = {"usage": "usage_days", "money": "budget_months", "limit": "rate_limits"}


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


class RedisFile:
    """The append-only file of Redis, which contains removed data until it is rewritten.

    Redis rewrites it in the background; a refused rewrite is ignored.
    """

    def __init__(self, store: Store, *, pause_s: float = 1.0) -> None:
        self._store = store
        self._pause_s = pause_s

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        """A rewrite that was already running may be older than the erasure: then starts another."""
        for pause_s in (self._pause_s, 0.0):
            with suppress(BackendFailed):
                await self._store.run(Command(("BGREWRITEAOF",), bytes))
                break
            await asyncio.sleep(pause_s)
        return {}


class DocumentStore(Protocol):
    async def async_delete(self, tenant: str, document_id: str) -> bool: ...

    async def async_forget_reader(self, tenant: str, user: str) -> int: ...


class Documents:
    """The documents that a person added, and the person's name among the readers of others."""

    def __init__(self, ownership: Ownership, store: DocumentStore) -> None:
        self._ownership = ownership
        self._store = store

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        removed = 0
        for document_id in await self._ownership.async_of(tenant, user):
            removed += await self._store.async_delete(tenant, document_id)
            await self._ownership.async_forget(tenant, document_id)
        lists = await self._store.async_forget_reader(tenant, user)
        return {"documents": removed, "reader_lists": lists}
