"""``Idempotency-Key``: a repeated request is not carried out again.

    new ──claim──▶ running ──finish──▶ done ──(24 h)──▶ forgotten
                     │  └────abandon────▶ new
                     └──the lease runs out──▶ the next claim takes over

The reply of a finished request is stored encrypted, because it may contain personal data. While others wait
for a stream that is running, it publishes what it has sent so far: they get it from its beginning, in any
process.

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
from collections.abc import Callable
from contextvars import Context
from typing import Any

from genai.access.idempotency_scripts import ABANDON, CLAIM, FINISH, NOTE, RENEW, WITHDRAW
from genai.access.principal import Principal
from genai.access.recording import Recording
from genai.access.running_reply import (
    FASTEST,
    FIRST_POLL_S,
    SLOWEST_POLL_S,
    RunningReply,
    opened,
    sealed_part,
)
from genai.errors import BackendFailed, CallerError, Conflict, InvalidInput, TryLater
from genai.memory.cipher import Cipher
from genai.memory.erased import erased_mark, unless_erased
from genai.memory.failure_detector import NotSent
from genai.memory.names import key_of
from genai.memory.store import Command, Store
from genai.memory.wire import Word
from genai.messages import Value

KEPT_FOR_S = 86_400
LEASE_S = 8.0
RENEW_EVERY_S = 1.0
PUBLISH_EVERY_S = 0.1
"""How often what is new is published while somebody waits for it."""

MARKED_FOR_S = 60
DIGITS = 32
"""Hexadecimal digits of a hash: 128 bits."""

_NOT_KEPT = "-"
"""Stands for the media type of a reply that was too long."""


class KeyReused(InvalidInput):
    """The key was used with another payload."""

    status = 422
    code = "idempotency_key_reused"


class AnswerNotKept(CallerError):
    """The request was carried out, but its answer was too long to be kept."""

    status = 410
    code = "answer_not_kept"


class StoredReply(Value):
    """The stored reply to an earlier request with the same key."""

    status: int
    body: bytes
    media_type: str = "application/json"


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
        self._recording: Recording | None = None
        self._published = self._parts = 0
        self._lost = False
        self._when_lost: Callable[[], object] = lambda: None
        # Without the context of the request: renewals do not use up what it may wait for Redis.
        self._renewing = asyncio.create_task(self._renew(), context=Context())

    def note_permit(self, permit: str) -> None:
        """Store the permit of this request with the claim. Does not wait for Redis."""
        self._store.post(NOTE([self._key], (self._number, permit), int))

    def record(self, media_type: str) -> None:
        """The reply is a stream, whose parts are to be added."""
        self._recording = Recording(media_type)

    def add(self, block: bytes) -> None:
        """A part of the stream was made."""
        assert self._recording is not None
        self._recording.add(block)

    def when_lost(self, then: Callable[[], object]) -> None:
        """Calls ``then`` when the claim was taken over or erased: nobody else will get the reply."""
        self._when_lost = then
        if self._lost:
            then()

    async def async_finish(self, reply: StoredReply | None = None) -> None:
        """Store the reply, or the recorded stream, for later requests with the same key.

        During an outage of Redis, the reply is stored as soon as it is over.
        """
        self._renewing.cancel()
        finish = self._finishing(reply or self._recorded())
        try:
            await self._store.run(finish)
        except BackendFailed:
            self._store.post(finish)

    async def async_abandon(self) -> None:
        """Let the next request with the same key run. No effect after `async_finish`."""
        self._renewing.cancel()
        self._store.post(ABANDON([self._key], (self._number,), int))

    def _recorded(self) -> StoredReply:
        assert self._recording is not None
        if self._recording.too_long:
            return StoredReply(status=AnswerNotKept.status, body=b"", media_type=_NOT_KEPT)
        body, media_type = self._recording.since(0), self._recording.media_type
        return StoredReply(status=200, body=body, media_type=media_type)

    def _finishing(self, reply: StoredReply) -> Command[int]:
        sealed = self._cipher.seal(zlib.compress(reply.body, level=FASTEST), self._key)
        words = (self._number, reply.status, reply.media_type, sealed)
        return FINISH([self._key], words, int)

    def _lose(self) -> None:
        self._lost = True
        self._renewing.cancel()
        self._when_lost()

    async def _renew(self) -> None:
        joined = False
        while True:
            pause_s = PUBLISH_EVERY_S if joined else RENEW_EVERY_S
            await asyncio.sleep(min(pause_s, self._lease_s / 3))
            renew = RENEW([self._key], (*self._renewal(), *self._news(joined)), int)
            try:
                state = await self._store.run(renew)
            except BackendFailed:
                self._store.post(renew)
                continue
            if not state:
                self._lose()
                return
            joined = state > 1

    def _renewal(self) -> tuple[Word, ...]:
        return self._number, int(self._lease_s * 1000)

    def _news(self, joined: bool) -> tuple[Word, ...]:
        """What was added since the last time, if somebody waits for it."""
        news = self._recording.since(self._published) if joined and self._recording else b""
        if not news or self._recording is None:
            return ()
        sealed = sealed_part(self._cipher, self._key, self._number, self._parts, news)
        words = (self._recording.media_type, self._parts, sealed)
        self._published += len(news)
        self._parts += 1
        return words


Outcome = Claim | StoredReply | RunningReply


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
    ) -> Outcome:
        """A claim to carry out the request, the stored reply, or the stream that is under way.

        While an earlier request runs that has not begun a stream, waits ``wait_s`` for its reply, then raises
        `Conflict`. Raises `KeyReused` for another payload, `AnswerNotKept`, and `TryLater` if Redis does not
        answer.
        """
        pause, until = FIRST_POLL_S, asyncio.get_running_loop().time() + wait_s
        while True:
            outcome = await self._try(principal, route, key, payload)
            if outcome is not None:
                return outcome
            if asyncio.get_running_loop().time() + pause > until:
                raise Conflict("a request with this idempotency key is still running")
            await asyncio.sleep(pause)
            pause = min(2 * pause, SLOWEST_POLL_S)

    async def _try(
        self, principal: Principal, route: str, key: str, payload: bytes
    ) -> Outcome | None:
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
            return await self._store.run(CLAIM(marked, words, unless_erased(list)))
        except NotSent:
            raise
        except (BackendFailed, asyncio.CancelledError):
            self._store.post(WITHDRAW(keys, (attempt, MARKED_FOR_S), int))
            raise

    def _outcome(self, place: str, reply: list[Any]) -> Outcome | None:
        store, cipher = self._store, self._cipher
        match reply:
            case [b"claimed", number, permit]:
                abandoned = permit.decode()
                return Claim(
                    store, place, number, self._lease_s, cipher, abandoned_permit=abandoned
                )
            case [b"done", status, media, sealed]:
                if media.decode() == _NOT_KEPT:
                    raise AnswerNotKept("this was answered; the answer was too long to be kept")
                body = opened(cipher, sealed, place)
                return StoredReply(status=status, body=body, media_type=media.decode())
            case [b"running", _, b""]:
                return None
            case [b"running", number, media]:
                return RunningReply(store, cipher, place, claim=number, media_type=media.decode())
            case _:
                raise KeyReused("this idempotency key was used for another request")
