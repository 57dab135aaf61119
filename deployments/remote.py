"""Proxies: other deployments behind the interfaces of the objects that they host.

The only place for timeouts, cancellation, retries and the translation of Ray's errors.
"""

import asyncio
import logging
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
from genai.events import DraftStreamEvent
from genai.llms.spent import GRACE_S
from genai.messages import ChatRequest, Chunk, Completion, Draft, Question, RequestContext, Usage
from genai.reliability.backoff import Backoff
from genai.reliability.hedging import hedged_call
from genai.reliability.lag_tolerant_wait import lag_tolerant_wait
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


async def call(method: Handle, *arguments: object, returns: type[T], within_s: float) -> T:
    """Call a method without side effects. Raises `DeadlineExceeded` after ``within_s``.

    When the replica dies, the call is repeated on another one within the same time.
    """
    losses = 0
    try:
        async with asyncio.timeout(within_s):
            while True:
                try:
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


async def pinged(method: Handle, *arguments: object) -> bool:
    """The answer of a replica. Raises `TimeoutError` when none answers."""
    asking = call(method, *arguments, returns=bool, within_s=PING_AT_MOST_S)
    return await lag_tolerant_wait(asking, PING_WITHIN_S, at_most_s=PING_AT_MOST_S)


async def ask_all(handle: Handle, method: str, *, returns: type[T], within_s: float) -> list[T]:
    """The answers of all replicas. Those that fail are left out; if one times out, the list is empty."""
    try:
        answers = await handle.broadcast(method).results_async(
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

    def __init__(self, handle: Handle) -> None:
        self._here = handle.here
        self._checking: asyncio.Task[bool] | None = None
        self._answer = handle.answer
        self._stream = handle.options(method_name="stream", stream=True)

    async def async_answer(self, question: Question) -> Draft:
        within_s = question.context.remaining_s() + GRACE_S
        return await call(self._answer, question, returns=Draft, within_s=within_s)

    def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        """When the replica dies in the middle of an answer, another one continues it."""
        context = question.context

        def begin(spent: Usage) -> AsyncIterator[DraftStreamEvent]:
            left = question.model_copy(update={"context": context.less(spent.cost_micro_usd)})
            return stream(self._stream, left, within_s=context.remaining_s())

        return replayed(begin, ReplicaLost)

    async def async_check(self) -> None:
        """Raise `ReplicaLost` unless a replica answers. Concurrent checks share one call."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(pinged(self._here))
        try:
            await asyncio.shield(self._checking)
        except (GenAIError, TimeoutError) as error:
            raise ReplicaLost(f"{self._here.deployment_name} does not answer") from error


class RemoteLLM(BaseLLM):
    """One model of an LLM deployment."""

    replaceable = True

    def __init__(
        self, handle: Handle, name: str, *, continues: bool, native_tools: bool = False
    ) -> None:
        self.name = name
        self.continues = continues
        self.native_tools = native_tools
        self._alive = handle.alive
        self._chat = handle.chat
        self._available = handle.available
        self._stream = handle.options(method_name="stream", stream=True)

    async def async_chat(self, request: ChatRequest) -> Completion:
        within_s = request.context.remaining_s() + GRACE_S
        return await call(self._chat, self.name, request, returns=Completion, within_s=within_s)

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
