"""The steps that every request goes through, whatever its operation.

key ─▶ role ─▶ body ─▶ idempotency ─▶ queue ─▶ limits ─▶ handler ─▶ settle ─▶ reply
                       └────── until the deadline, or until the client disconnects ──────────┘
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from deployments.api.answers import encode_error
from deployments.api.auth import authenticate
from deployments.api.body import parse, read_body
from deployments.api.call import Call, Reply, check_names
from deployments.api.connection import ClientGone, DisconnectWatch
from deployments.api.errors import OwnDeadline
from deployments.api.exchange import EVENTS, Exchange
from deployments.api.multipart import Part, is_form, read_form
from deployments.api.relay import Relay
from deployments.api.schemas import TimedBody
from deployments.api.services import Claim, Permit, Services, Slot
from deployments.api.shutdown import shutting_down
from deployments.api.sse import EventStream
from deployments.edge_overload import FLOOD
from genai.access.demand import Demand
from genai.access.idempotency import StoredReply
from genai.access.principal import Role
from genai.access.running_reply import RunningReply
from genai.errors import DeadlineExceeded, GenAIError, InvalidInput
from genai.llms.spending import spending
from genai.llms.spent import ENDINGS, GRACE_S
from genai.memory.wait_budget import one_request
from genai.messages import Usage

logger = logging.getLogger(__name__)

_IDEMPOTENCY_HEADER = b"idempotency-key"
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")

REPLAY = (b"x-idempotent-replay", b"true")

CLIENT_GONE = 499
"""nginx's status for a client that disconnected before the response was complete."""

Handler = Callable[[Call, Any], Awaitable[Reply | EventStream]]
Estimate = Callable[[Call, Any], Demand | None]
FormReader = Callable[[Sequence[Part]], bytes]
ErrorEncoder = Callable[[GenAIError, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An ASGI endpoint around one handler.

    ``estimate`` says what the request will need: model, tokens and money. None means that the handler
    starts a run, which is admitted by itself. Keys need one of ``roles``. ``form``
    converts an uploaded form to JSON. ``query`` names the parameters of the query string; without a
    body, others are refused, because nothing else would tell of a misspelt one. ``encode_error`` ends
    a stream that fails.
    """

    name: str
    handler: Handler
    services: Services
    roles: tuple[Role, ...]
    body: type[BaseModel] | None = None
    estimate: Estimate | None = None
    form: FormReader | None = None
    query: tuple[str, ...] = ()
    encode_error: ErrorEncoder = encode_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        exchange = Exchange(scope, receive, send)
        try:
            with self.services.shutdown.request(), one_request():
                await self._serve_or_fail(exchange)
        finally:
            self.services.recorder.request(
                request_id=exchange.request_id,
                operation=self.name,
                status=exchange.status,
                seconds=time.perf_counter() - began,
                tenant=exchange.tenant,
            )

    async def _serve_or_fail(self, exchange: Exchange) -> None:
        try:
            self.services.shutdown.check()
            await self._trace(exchange)
        except asyncio.CancelledError:
            # Some servers cancel the request of a client that left, too.
            with suppress(Exception):
                if await exchange.was_left():
                    exchange.status = CLIENT_GONE
                else:
                    await exchange.fail(shutting_down())
            raise
        except ClientGone:
            exchange.status = CLIENT_GONE
        except GenAIError as error:
            self._audit(exchange, error)
            await exchange.fail(error)
        except Exception:
            logger.exception("request crashed", extra={"request_id": exchange.request_id})
            await exchange.crash()

    async def _trace(self, exchange: Exchange) -> None:
        tracer, given = self.services.tracer, exchange.traceparent
        with tracer.request(self.name, exchange.request_id, given) as span:
            exchange.traceparent = span.traceparent
            await self._serve(exchange)

    async def _serve(self, exchange: Exchange) -> None:
        services = self.services
        principal = await authenticate(services.keys, exchange.headers)
        exchange.tenant, exchange.key_id = principal.tenant, principal.key_id
        principal.require(*self.roles)
        raw, body = b"", None
        if self.body is not None:
            raw = await self._read(exchange)
            body = parse(raw, self.body)
        else:
            check_names(exchange.scope.get("query_string", b""), self.query)
        call = Call(
            services=services,
            principal=principal,
            request_id=exchange.request_id,
            deadline=time.time() + self._timeout_s(body),
            path=exchange.scope.get("path_params", {}),
            query=exchange.scope.get("query_string", b""),
            headers=exchange.headers,
            traceparent=exchange.traceparent,
        )
        with DisconnectWatch(exchange.receive) as watch:
            exchange.before_last = watch.served
            try:
                await self._answer(exchange, call, raw, body)
            except DeadlineExceeded as error:
                raise _of_whose_deadline(error, body) from error.__cause__

    async def _read(self, exchange: Exchange) -> bytes:
        """The body as JSON, converted if it is a form."""
        http, uploads = self.services.settings.http, self.form is not None
        raw = await read_body(
            exchange.headers,
            exchange.receive,
            max_bytes=http.max_document_bytes if uploads else http.max_body_bytes,
            uploads=uploads,
        )
        content_type = exchange.headers.get(b"content-type", b"")
        return (
            self.form(read_form(raw, content_type)) if self.form and is_form(content_type) else raw
        )

    async def _answer(self, exchange: Exchange, call: Call, raw: bytes, body: Any) -> None:
        key = self._idempotency_key(exchange)
        if key is not None:
            await self._answer_once(exchange, call, body, raw, key)
            return
        result = await self._carry_out(exchange, call, body)
        if result is not None:
            await exchange.reply(result)

    async def _answer_once(
        self, exchange: Exchange, call: Call, body: Any, raw: bytes, key: str
    ) -> None:
        """Run the request once per idempotency key; others get its reply, also while it is made."""
        route = f"{self.name} {exchange.scope['path']}"
        async with self.services.shutdown.until(call.deadline):
            claim = await call.services.idempotency.async_claim(
                call.principal, route=route, key=key, payload=raw, wait_s=call.within_s()
            )
        if isinstance(claim, StoredReply):
            exchange.extra_headers.append(REPLAY)
            await exchange.reply(Reply(claim.body, claim.status, claim.media_type.encode()))
        elif isinstance(claim, RunningReply):
            exchange.extra_headers.append(REPLAY)
            await self._join(exchange, call, claim)
        else:
            await self._run_to_the_end(exchange, call, body, claim)

    async def _join(self, exchange: Exchange, call: Call, running: RunningReply) -> None:
        parts = running.async_parts()
        stream = EventStream(parts, bytes, self.encode_error, lambda: True)
        async with self.services.shutdown.until(call.deadline):
            await exchange.stream(stream, _nothing)

    async def _run_to_the_end(
        self, exchange: Exchange, call: Call, body: Any, claim: Claim
    ) -> None:
        """Carry out the request, also when the client leaves: it may come back for the reply."""
        if claim.abandoned_permit:
            call.services.admission.release(call.principal, claim.abandoned_permit)
        call.claim, relay = claim, Relay()
        within = exchange.through(relay.send)
        work = self.services.shutdown.start(self._carry_out_claimed(within, call, body, claim))
        work.add_done_callback(lambda _: relay.end())
        try:
            await exchange.relay(within, relay.messages())
        except BaseException:
            relay.leave()
            self._leave_alone(exchange, call, claim, work)
            raise
        await work

    def _leave_alone(
        self, exchange: Exchange, call: Call, claim: Claim, work: asyncio.Task[None]
    ) -> None:
        """Nobody listens any more. Stop what nobody can come back for, or what goes on by itself."""
        claim.when_lost(work.cancel)
        if call.is_run:
            work.cancel()

        def ended(work: asyncio.Task[None]) -> None:
            error = None if work.cancelled() else work.exception()
            if isinstance(error, GenAIError):
                self._audit(exchange, error)
            elif error is not None:
                told = {"request_id": exchange.request_id}
                logger.error("request crashed", exc_info=error, extra=told)

        work.add_done_callback(ended)

    async def _carry_out_claimed(
        self, exchange: Exchange, call: Call, body: Any, claim: Claim
    ) -> None:
        try:
            result = await self._carry_out(exchange, call, body)
        except BaseException:
            await claim.async_abandon()
            raise
        if result is None:
            await claim.async_finish()
            return
        kept = result.body if result.kept is None else result.kept
        await claim.async_finish(StoredReply(status=result.status, body=kept))
        await exchange.reply(result)

    async def _carry_out(self, exchange: Exchange, call: Call, body: Any) -> Reply | None:
        """The reply; None for a stream, which has been sent already."""
        demand = Demand() if self.estimate is None else self.estimate(call, body)
        if demand is None:
            call.is_run = True
            return await self._handle(exchange, call, body, _nothing)
        if not demand.model:
            return await self._run(exchange, call, body, demand)
        slot = await self._slot(exchange, call, demand)
        exchange.before_first = slot.first_part
        whole = False
        try:
            result = await self._run(exchange, call, body, demand)
            whole = result is not None
            return result
        finally:
            used = call.consumed()
            slot.release(None if used is None else used.total_tokens, measured=whole)

    async def _slot(self, exchange: Exchange, call: Call, demand: Demand) -> Slot:
        """Waits for a slot. The response tells HAProxy how much room the key has."""
        queue, flow = call.services.queue, call.principal.flow
        if FLOOD.encode() in exchange.headers:
            queue.refused_at_edge()
        try:
            async with self.services.shutdown.until(call.deadline):
                return await queue.async_enter(flow, demand.tokens, f"{self.name} {demand.model}")
        finally:
            exchange.say_room(queue.room(flow))

    async def _run(self, exchange: Exchange, call: Call, body: Any, demand: Demand) -> Reply | None:
        permit = await self._admit(exchange, call, demand)

        async def settle() -> None:
            await permit.async_settle(call.consumed())

        with spending() as spent:
            try:
                return await self._handle(exchange, call, body, settle)
            except ENDINGS as error:
                call.failed(error, spent)
                raise
            finally:
                await settle()

    async def _handle(
        self, exchange: Exchange, call: Call, body: Any, settle: Callable[[], Awaitable[None]]
    ) -> Reply | None:
        async with self.services.shutdown.until(call.deadline + GRACE_S):
            result = await self.handler(call, body)
            exchange.say_limits(call.limits)
            if not isinstance(result, EventStream):
                return result
            if call.claim is None:
                await exchange.stream(result, settle)
            else:
                call.claim.record(EVENTS.decode())
                await exchange.stream(result, settle, call.claim.add)
            return None

    async def _admit(self, exchange: Exchange, call: Call, demand: Demand) -> Permit:
        permit = await call.services.admission.async_admit(
            call.principal, demand, request_id=call.request_id
        )
        call.allowance_micro_usd = permit.allowance_micro_usd
        if call.claim is not None and permit.id:
            call.claim.note_permit(permit.id)
        exchange.say_limits(permit.headers)
        if not demand.model:
            call.usage = Usage()
        return permit

    def _audit(self, exchange: Exchange, error: GenAIError) -> None:
        if exchange.tenant:
            self.services.audit.refused(
                exchange.tenant, exchange.key_id, self.name, exchange.request_id, error
            )

    def _timeout_s(self, body: Any) -> float:
        http = self.services.settings.http
        asked = body.timeout_s if isinstance(body, TimedBody) else None
        if asked is None:
            return http.default_timeout_s
        if asked > http.max_timeout_s:
            raise InvalidInput(f"timeout_s may be at most {http.max_timeout_s:g}", "timeout_s")
        return asked

    def _idempotency_key(self, exchange: Exchange) -> str | None:
        raw = exchange.headers.get(_IDEMPOTENCY_HEADER)
        if raw is None or self.body is None:
            return None
        if [name for name, _ in exchange.scope["headers"]].count(_IDEMPOTENCY_HEADER) > 1:
            raise InvalidInput("Idempotency-Key must be given once")
        key = raw.decode("latin-1")
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise InvalidInput("Idempotency-Key must have 1 to 255 visible ASCII characters")
        return key


def _of_whose_deadline(error: DeadlineExceeded, body: Any) -> GenAIError:
    """408 instead of 504 when the caller's own ``timeout_s`` was too short."""
    own = isinstance(body, TimedBody) and body.timeout_s is not None
    return OwnDeadline("the request did not finish within its timeout_s") if own else error


async def _nothing() -> None:
    """There is nothing to settle."""
