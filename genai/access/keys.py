"""API keys: ``gaf_<id>_<secret>``, shown once and stored as a hash.

    gaf|key|<id>       record: JSON, revoked: Unix time of the revocation
    {tenant}|keys      the ids of the tenant's keys

The secret has 256 random bits, so SHA-256 suffices: slow hashes such as bcrypt protect passwords that can
be guessed. The records do not begin with the tenant, because it is unknown until the key is found.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from genai.access.principal import Budget, KeyLimits, Principal, Role
from genai.errors import BackendFailed, TryLater, Unauthenticated
from genai.lru_cache import LRUCache
from genai.memory.erased import marking, unmarking
from genai.memory.names import checked, key_of
from genai.memory.store import Command, Store
from genai.memory.wait_budget import outside_of_requests
from genai.messages import Value

CACHED_FOR_S = 3.0
REFRESHED_AFTER_S = 1.5
"""A key in use is refreshed in the background after this time, so that no request waits for it."""
CACHED_KEYS = 10_000

_KEY = re.compile(r"gaf_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


class KeyRecord(Value):
    """The stored record of a key. ``secret_hash`` is SHA-256 in hexadecimal; times are Unix time."""

    principal: Principal
    secret_hash: str
    name: str = ""
    created: float
    expires: float | None = None
    revoked: float | None = None


@dataclass(frozen=True, slots=True)
class _Cached:
    record: KeyRecord | None
    at: float


class Keys:
    """All API keys. A revoked key stops working within ``CACHED_FOR_S``, in every process.

    While Redis does not answer, cached keys stay valid for ``stale_for_s`` longer.
    """

    def __init__(
        self,
        store: Store,
        *,
        stale_for_s: float = 0.0,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._stale_for_s = stale_for_s
        self._clock = clock
        self._monotonic = monotonic
        self._cache: LRUCache[str, _Cached] = LRUCache(CACHED_KEYS)
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._invalidations = 0

    async def async_authenticate(self, bearer: str) -> Principal:
        """The owner of a key, given without the word ``Bearer``.

        Raises `Unauthenticated` for any invalid key, and `TryLater` if keys cannot be checked.
        """
        match = _KEY.fullmatch(bearer)
        record = await self._find(match[1]) if match else None
        given = _hashed(match[2] if match else bearer)
        expected = record.secret_hash if record else _hashed("")
        if not hmac.compare_digest(given, expected) or record is None or self._is_invalid(record):
            raise Unauthenticated("the API key is missing or not valid")
        return record.principal

    async def async_owner(self, key_id: str) -> Principal:
        """The owner of a key that was authenticated before. Raises like `async_authenticate`."""
        record = await self._find(key_id)
        if record is None or self._is_invalid(record):
            raise Unauthenticated("the API key is no longer valid")
        return record.principal

    async def async_create(
        self,
        tenant: str,
        user: str,
        *,
        roles: Sequence[Role] = ("user",),
        groups: Sequence[str] = (),
        limits: KeyLimits | None = None,
        budget: Budget | None = None,
        name: str = "",
        expires: float | None = None,
        key_id: str = "",
    ) -> tuple[str, KeyRecord]:
        """Returns a new key, which cannot be read again, and its stored record."""
        key_id, secret = key_id or secrets.token_hex(8), secrets.token_urlsafe(32)
        principal = Principal(
            key_id=key_id,
            tenant=checked(tenant, "tenant"),
            user=checked(user, "user"),
            roles=tuple(roles),
            groups=tuple(checked(group, "group") for group in groups),
            limits=limits or KeyLimits(),
            budget=budget or Budget(),
        )
        record = KeyRecord(
            principal=principal,
            secret_hash=_hashed(secret),
            name=name,
            created=self._clock(),
            expires=expires,
        )
        await self._store.run(unmarking(tenant, user))
        await self._store.run(Command(("SADD", key_of(tenant, "keys"), key_id), int))
        text = record.model_dump_json()
        await self._store.run(Command(("HSET", _redis_key(key_id), "record", text), int))
        return f"gaf_{key_id}_{secret}", record

    async def async_revoke(self, tenant: str, key_id: str) -> bool:
        """Returns whether the tenant has the key. Safe to call twice; the time of the first call is kept."""
        known = Command(("SISMEMBER", key_of(checked(tenant, "tenant"), "keys"), key_id), bool)
        if not await self._store.run(known):
            return False
        now = repr(self._clock())
        await self._store.run(Command(("HSETNX", _redis_key(key_id), "revoked", now), int))
        self._invalidate(key_id)
        return True

    async def async_erase(self, tenant: str, user: str) -> int:
        """Remove all keys of a user; returns their number. Safe to call twice.

        Also marks the user as erased: nothing more is stored for them (`genai.memory.erased`).
        """
        place, removed = key_of(tenant, "keys"), 0
        await self._store.run(marking(tenant, user))
        for record in await self.async_list(tenant):
            if record.principal.user == user:
                key_id = record.principal.key_id
                await self._store.run(Command(("DEL", _redis_key(key_id)), int))
                await self._store.run(Command(("SREM", place, key_id), int))
                self._invalidate(key_id)
                removed += 1
        return removed

    async def async_list(self, tenant: str) -> tuple[KeyRecord, ...]:
        """All keys of the tenant including revoked ones, oldest first."""
        members = ("SMEMBERS", key_of(checked(tenant, "tenant"), "keys"))
        ids = await self._store.run(Command(members, _texts))
        found = await asyncio.gather(*map(self._load, ids))
        return tuple(sorted(filter(None, found), key=lambda record: record.created))

    def _is_invalid(self, record: KeyRecord) -> bool:
        expired = record.expires is not None and record.expires <= self._clock()
        return expired or record.revoked is not None

    async def _find(self, key_id: str) -> KeyRecord | None:
        now = self._monotonic()
        cached = self._cache.recall(key_id)
        if cached and now - cached.at < CACHED_FOR_S:
            if now - cached.at > REFRESHED_AFTER_S and key_id not in self._refreshing:
                self._refresh(key_id)
            return cached.record
        try:
            return await self._look_up(key_id)
        except BackendFailed as error:
            cached = self._cache.recall(key_id)
            if cached and now - cached.at < CACHED_FOR_S + self._stale_for_s:
                return cached.record
            raise TryLater("API keys cannot be checked at the moment") from error

    async def _look_up(self, key_id: str) -> KeyRecord | None:
        """The stored record. Not cached if a key was invalidated meanwhile: it may be older than that."""
        now, invalidations = self._monotonic(), self._invalidations
        record = await self._load(key_id)
        if invalidations == self._invalidations:
            self._cache.keep([(key_id, _Cached(record, now))])
        return record

    def _refresh(self, key_id: str) -> None:
        async def look_up() -> None:
            with suppress(BackendFailed):
                await self._look_up(key_id)

        task = asyncio.create_task(look_up(), context=outside_of_requests())
        self._refreshing[key_id] = task
        task.add_done_callback(lambda _: self._refreshing.pop(key_id))

    async def _load(self, key_id: str) -> KeyRecord | None:
        return await self._store.run(
            Command(("HMGET", _redis_key(key_id), "record", "revoked"), _record)
        )

    def _invalidate(self, key_id: str) -> None:
        self._invalidations += 1
        self._cache.pop(key_id, None)


def _redis_key(key_id: str) -> str:
    return f"gaf|key|{key_id}"


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _record(reply: list[bytes | None]) -> KeyRecord | None:
    text, revoked = reply
    if text is None:
        return None
    record = KeyRecord.model_validate_json(text)
    return record.model_copy(update={"revoked": float(revoked)}) if revoked else record


def _texts(reply: list[bytes]) -> list[str]:
    return [text.decode() for text in reply]
