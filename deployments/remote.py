"""Proxies: other deployments behind the interfaces of the objects that they host.

The only place for timeouts, cancellation, retries and the translation of Ray's errors.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from ray.exceptions import RayActorError, RayTaskError
from ray.serve.exceptions import (
    BackPressureError,
    DeploymentUnavailableError,
    RequestCancelledError,
)
from ray.serve.handle import DeploymentHandle, DeploymentResponse, DeploymentResponseGenerator

from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, DeadlineExceeded, GenAIError, GuardUnavailable, Overloaded
from genai.events import DraftEvent, DraftStreamEvent, SpentEvent
from genai.llms.spending import begin_call, counted, is_counted
from genai.llms.spent import GRACE_S, spent_by, was_cut_off
from genai.messages import ChatRequest, Chunk, Completion, Draft, Question, RequestContext, Usage
from genai.reliability.backoff import Backoff
from genai.reliability.hedging import hedged_call
from genai.reliability.lag_tolerant_wait import lag_tolerant_wait
from genai.reliability.liveness import NOT_ALIVE
from genai.replay import replayed
from genai.safety.base import Stage, Verdict
from genai.streams import closing

logger = logging.getLogger(__name__)

T = TypeVar("T")
Handle = DeploymentHandle[Any]

MOST_LOSSES = 8
"""Retries of one call after replicas died. A request that kills its replica must not do so for ever."""

PAUSE = Backoff(base_s=0.1, max_s=1.0)
"""Between retries. While no replica is alive, Serve itself makes the call wait for the next one."""

PING_WITHIN_S = 1.0
PING_AT_MOST_S = 2.5
"""On an overloaded machine. A replica that hangs must be out of rotation after five seconds."""
STOPS_WITHIN_S = 0.8
"""Time for a call that was stopped to end by itself, with its usage."""

EMBED_PATIENCE_S = 1.0
EMBED_WITHIN_S = 60.0
"""Long enough for a replica to start on a busy machine; the request's own deadline is shorter."""


class ReplicaLost(BackendFailed):
    """The replica died or does not exist; the call may be repeated on another one."""


@contextmanager
def translated(callee: str) -> Iterator[None]:
    """Turn Ray's exceptions into those of `genai.errors`."""
    try:
        yield
    except RayTaskError as error:
        # Ray subclasses the original on the fly, with the remote traceback as its text.
        if isinstance(error.cause, GenAIError):
            raise error.cause from None
        raise BackendFailed(f"{callee} failed") from error
    except BackPressureError as error:
        raise Overloaded(f"{callee} has too many requests waiting") from error
    except (RayActorError, DeploymentUnavailableError) as error:
        raise ReplicaLost(f"{callee} is unavailable") from error


async def call(
    method: Handle,
    *arguments: object,
    returns: type[T],
    within_s: float,
    stop: "Stop | None" = None,
) -> T:
    """Call a method without side effects. Raises `DeadlineExceeded` after ``within_s``.

    When the replica dies, the call is repeated on another one within the same time. With ``stop``, a
    cancellation carries what the call has used.
    """
    losses = 0
    until = asyncio.get_running_loop().time() + within_s
    try:
        async with asyncio.timeout_at(until):
            while True:
                try:
                    if stop is not None:
                        return await _call_stoppably(stop, method, arguments, returns, until)
                    return await _call_once(method, arguments, returns)
                except ReplicaLost as error:
                    losses += 1
                    await _pause(losses, error)
    except TimeoutError:
        raise _late(method, within_s) from None


async def _pause(losses: int, error: ReplicaLost) -> None:
    """Back off before the next try; raise the error when there were too many."""
    if losses >= MOST_LOSSES:
        raise error
    await asyncio.sleep(PAUSE.delay_s(losses))


def _late(method: Handle, within_s: float) -> DeadlineExceeded:
    return DeadlineExceeded(f"{method.deployment_name} took longer than {within_s:.3g} s")


async def _call_once(method: Handle, arguments: tuple[object, ...], returns: type[T]) -> T:
    response = cast("DeploymentResponse[T]", method.remote(*arguments))
    try:
        with translated(method.deployment_name):
            result = await response
    except (asyncio.CancelledError, RequestCancelledError):
        response.cancel()  # type: ignore[no-untyped-call]
        raise asyncio.CancelledError from None
    if not isinstance(result, returns):
        raise BackendFailed(f"{method.deployment_name} answered with {type(result).__name__}")
    return result


async def _call_stoppably(
    stop: "Stop", method: Handle, arguments: tuple[object, ...], returns: type[T], until: float
) -> T:
    call_id = secrets.token_hex(8)
    calling = asyncio.create_task(_call_once(method, (*arguments, call_id), returns))
    try:
        return await asyncio.shield(calling)
    except asyncio.CancelledError as error:
        left_s = until - asyncio.get_running_loop().time()
        if not calling.done() and left_s > 0 and error.args != (NOT_ALIVE,):
            await stop.async_wait(calling, call_id, left_s)
        if (usage := _usage_of(calling)) is not None:
            error.__dict__["spent"] = usage
        raise
    finally:
        calling.cancel()


class Stop:
    """Stops calls of a deployment that has `StoppableCalls`. It gets ``within_s`` to end them."""

    def __init__(self, handle: Handle, within_s: float) -> None:
        self._handle = handle
        self._within_s = within_s

    async def async_wait(self, calling: asyncio.Task[T], call_id: str, left_s: float) -> None:
        """Until the call has ended, or it takes too long."""
        within_s = min(self._within_s, left_s)
        asking = ask_all(self._handle, "stop", call_id, returns=bool, within_s=within_s)
        telling = asyncio.create_task(asking)
        _TELLING.add(telling)
        telling.add_done_callback(_TELLING.discard)
        await asyncio.wait([calling], timeout=within_s)


_TELLING: set[asyncio.Task[list[bool]]] = set()


def _usage_of(calling: asyncio.Task[Any]) -> Usage | None:
    """What a call that has ended has used; None if it is unknown."""
    if not calling.done() or calling.cancelled():
        return None
    error = calling.exception()
    if error is None:
        usage: Usage = calling.result().usage
        return usage
    return spent_by(error) or (None if was_cut_off(error) else Usage())


async def pinged(method: Handle, *arguments: object) -> bool:
    """The answer of a replica. Raises `TimeoutError` when none answers."""
    asking = call(method, *arguments, returns=bool, within_s=PING_AT_MOST_S)
    return await lag_tolerant_wait(asking, PING_WITHIN_S, at_most_s=PING_AT_MOST_S)


async def ask_all(
    handle: Handle, method: str, *arguments: object, returns: type[T], within_s: float
) -> list[T]:
    """The answers of all replicas. Those that fail are left out; if one times out, the list is empty."""
    try:
        answers = await handle.broadcast(method, *arguments).results_async(
            timeout_s=within_s, return_exceptions=True
        )
    except Exception:
        logger.warning("replicas do not answer", exc_info=True, extra={"method": method})
        return []
    for answer in answers:
        if not isinstance(answer, returns):
            kind = type(answer).__name__
            logger.warning("a replica does not answer", extra={"method": method, "answer": kind})
    return [answer for answer in answers if isinstance(answer, returns)]


async def stream(method: Handle, *arguments: object, within_s: float) -> AsyncIterator[Any]:
    """The items of a remote generator of lists. Closing the iterator cancels the remote call.

    When the replica dies before the first item, the call is repeated; later, `ReplicaLost` is raised.
    """
    deadline = asyncio.get_running_loop().time() + within_s
    losses, silent = 0, True
    try:
        while True:
            try:
                async with closing(_stream_once(method, arguments, deadline)) as items:
                    async for item in items:
                        silent = False
                        yield item
                return
            except ReplicaLost as error:
                if not silent:
                    raise
                losses += 1
                async with asyncio.timeout_at(deadline):
                    await _pause(losses, error)
    except TimeoutError:
        raise _late(method, within_s) from None


async def _stream_once(
    method: Handle, arguments: tuple[object, ...], deadline: float
) -> AsyncIterator[Any]:
    """Raises `TimeoutError` at ``deadline``, a time of the event loop's clock."""
    batches = cast("DeploymentResponseGenerator[list[Any]]", method.remote(*arguments))
    finished = False
    try:
        while True:
            try:
                with translated(method.deployment_name):
                    async with asyncio.timeout_at(deadline):
                        batch = await _next(batches)
            except StopAsyncIteration:
                finished = True
                return
            for item in batch:
                yield item
    finally:
        if not finished:
            batches.cancel()  # type: ignore[no-untyped-call]


async def _next(batches: AsyncIterator[list[Any]]) -> list[Any]:
    """Turns Serve's `RequestCancelledError` back into a cancellation of the caller."""
    try:
        return await anext(batches)
    except RequestCancelledError:
        raise asyncio.CancelledError from None


class RemoteGuard:
    """The Safety deployment. Fails closed: raises `GuardUnavailable` when it cannot be reached."""

    def __init__(self, handle: Handle, *, within_s: float) -> None:
        self._inspect = handle.inspect
        self._within_s = within_s

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        arguments = (text, stage, context, final, start)
        try:
            return await call(self._inspect, *arguments, returns=Verdict, within_s=self._within_s)
        except GuardUnavailable:
            raise
        except GenAIError as error:
            raise GuardUnavailable("a safety check could not run") from error


class RemoteAnswerer(BaseAnswerer):
    """The Orchestrator, RAG or Agent deployment."""

    def __init__(self, handle: Handle, *, stops_within_s: float = STOPS_WITHIN_S) -> None:
        self._stop = Stop(handle, stops_within_s)
        self._here = handle.here
        self._checking: asyncio.Task[bool] | None = None
        self._answer = handle.answer
        self._stream = handle.options(method_name="stream", stream=True)

    async def async_answer(self, question: Question) -> Draft:
        within_s = question.context.remaining_s() + GRACE_S
        asking = call(self._answer, question, returns=Draft, within_s=within_s, stop=self._stop)
        return await counted(asking)

    def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        """When the replica dies in the middle of an answer, another one continues it."""
        context = question.context

        def begin(spent: Usage) -> AsyncIterator[DraftStreamEvent]:
            left = question.model_copy(update={"context": context.less(spent.cost_micro_usd)})
            return stream(self._stream, left, within_s=context.remaining_s())

        events = replayed(begin, ReplicaLost)
        return _counted(events) if is_counted() else events

    async def async_check(self) -> None:
        """Raise `ReplicaLost` unless a replica answers. Concurrent checks share one call."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(pinged(self._here))
        try:
            await asyncio.shield(self._checking)
        except (GenAIError, TimeoutError) as error:
            raise ReplicaLost(f"{self._here.deployment_name} does not answer") from error


async def _counted(events: AsyncIterator[DraftStreamEvent]) -> AsyncIterator[DraftStreamEvent]:
    """Reports the usage as the events come."""
    call = begin_call()
    call.usage = Usage()
    async with closing(events) as source:
        async for event in source:
            if isinstance(event, SpentEvent):
                call.usage = event.usage
            elif isinstance(event, DraftEvent):
                call.usage = event.draft.usage
            yield event


class RemoteLLM(BaseLLM):
    """One model of an LLM deployment."""

    replaceable = True

    def __init__(
        self,
        handle: Handle,
        name: str,
        *,
        continues: bool,
        native_tools: bool = False,
        stops_within_s: float = STOPS_WITHIN_S,
    ) -> None:
        self.name = name
        self.continues = continues
        self.native_tools = native_tools
        self._stop = Stop(handle, stops_within_s)
        self._alive = handle.alive
        self._chat = handle.chat
        self._available = handle.available
        self._stream = handle.options(method_name="stream", stream=True)

    async def async_chat(self, request: ChatRequest) -> Completion:
        within_s = request.context.remaining_s() + GRACE_S
        asked = (self.name, request)
        return await call(
            self._chat, *asked, returns=Completion, within_s=within_s, stop=self._stop
        )

    def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        within_s = request.context.remaining_s()
        return stream(self._stream, self.name, request, within_s=within_s)

    async def async_available(self) -> bool:
        """True also while the deployment does not answer: that says nothing about the model."""
        try:
            return await call(self._available, self.name, returns=bool, within_s=1.0)
        except GenAIError:
            return True

    async def async_check_health(self) -> None:
        """Raise `ReplicaLost` unless a replica and its engine answer."""
        try:
            await pinged(self._alive, self.name)
        except (GenAIError, TimeoutError) as error:
            raise ReplicaLost(f"{self._alive.deployment_name} does not answer") from error


class RemoteEmbedder(BaseEmbedder):
    def __init__(self, handle: Handle, *, name: str, dimensions: int) -> None:
        self.name = name
        self.dimensions = dimensions
        self._handle = handle
        self._embed = handle.embed
        self._asking: asyncio.Task[list[bool]] | None = None

    async def async_embed(self, texts: Sequence[str]) -> list[list[float]]:
        """When a replica hangs, the call is repeated on another one."""

        def ask() -> Awaitable[list[list[float]]]:
            return call(self._embed, list(texts), returns=list, within_s=EMBED_WITHIN_S)

        return await hedged_call(ask, self._hangs, patience_s=EMBED_PATIENCE_S)

    async def _hangs(self) -> bool:
        """Whether a replica does not answer. Concurrent checks share one broadcast."""
        if self._asking is None or self._asking.done():
            asking = ask_all(self._handle, "here", returns=bool, within_s=PING_AT_MOST_S)
            waiting = lag_tolerant_wait(asking, PING_WITHIN_S, at_most_s=PING_AT_MOST_S)
            self._asking = asyncio.create_task(waiting)
        try:
            return not await asyncio.shield(self._asking)
        except TimeoutError:
            return True
