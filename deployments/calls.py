"""Calls of other deployments: timeouts, cancellation and retries."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from ray.serve.exceptions import RequestCancelledError
from ray.serve.handle import DeploymentHandle, DeploymentResponse

from deployments.batches import Batches
from deployments.lone_calls import begun_alone
from deployments.ray_errors import ReplicaLost, translated
from genai.errors import BackendFailed, DeadlineExceeded
from genai.llms.spending import CountedCall
from genai.llms.spent import set_all_spent, spent_by, was_cut_off
from genai.messages import Usage
from genai.reliability.backoff import Backoff
from genai.reliability.lag_tolerant_wait import lag_tolerant_wait
from genai.reliability.liveness import NOT_ALIVE
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
    response = cast("DeploymentResponse[T]", begun_alone(method, arguments))
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
        set_all_spent(error, _usage_of(calling, lambda result: result.usage))
        raise
    finally:
        calling.cancel()


class Stop:
    """Stops calls of a deployment that has `StoppableCalls`. It gets ``within_s`` to end them."""

    def __init__(self, handle: Handle, within_s: float) -> None:
        self._handle = handle
        self._within_s = within_s

    async def async_wait(self, calling: asyncio.Task[T], call_id: str, left_s: float) -> None:
        """Until the call has ended, or it takes too long. Cancelling the caller once more changes nothing:
        Serve does, when the client of a request has left.
        """
        within_s = min(self._within_s, left_s)
        asking = ask_all(self._handle, "stop", call_id, returns=bool, within_s=within_s)
        telling = asyncio.create_task(asking)
        _TELLING.add(telling)
        telling.add_done_callback(_TELLING.discard)
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while not calling.done() and (rest_s := until - loop.time()) > 0:
            with suppress(asyncio.CancelledError):
                await asyncio.wait([calling], timeout=rest_s)


_TELLING: set[asyncio.Task[list[bool]]] = set()


def _usage_of(calling: asyncio.Task[Any], used: Callable[[Any], Usage | None]) -> Usage | None:
    """What a call that has ended has used; None if it is unknown."""
    if not calling.done() or calling.cancelled():
        return None
    error = calling.exception()
    if error is None:
        return used(calling.result())
    unknown = was_cut_off(error) or isinstance(error, ReplicaLost)
    return spent_by(error) or (None if unknown else Usage())


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


async def stream(
    method: Handle, *arguments: object, within_s: float, leaving: "Leaving | None" = None
) -> AsyncIterator[Any]:
    """The items of a remote generator of lists. Closing the iterator cancels the remote call.

    When the replica dies before the first item, the call is repeated; later, `ReplicaLost` is raised. With
    ``leaving``, the call is stopped, and what it has used is told.
    """
    deadline = asyncio.get_running_loop().time() + within_s
    losses, silent = 0, True
    try:
        while True:
            try:
                async with closing(_stream_once(method, arguments, deadline, leaving)) as items:
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
    method: Handle, arguments: tuple[object, ...], deadline: float, leaving: "Leaving | None"
) -> AsyncIterator[Any]:
    """Raises `TimeoutError` at ``deadline``, a time of the event loop's clock."""
    call_id = secrets.token_hex(8)
    batches = Batches(method, arguments if leaving is None else (*arguments, call_id))
    try:
        while True:
            async with asyncio.timeout_at(deadline):
                batch = await batches.next()
            if batch is None:
                return
            if leaving is not None:
                leaving.call.usage = leaving.used_after(batch)
            for item in batch:
                yield item
    except (asyncio.CancelledError, GeneratorExit) as error:
        left_s = deadline - asyncio.get_running_loop().time()
        if leaving is not None and left_s > 0 and error.args != (NOT_ALIVE,):
            await leaving.async_leave(batches, call_id, left_s, error)
        raise
    finally:
        batches.cancel()


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a stream is left: ``stop`` ends it. ``call`` gets the usage, which ``used`` finds in items."""

    stop: "Stop"
    used: Callable[[Any], Usage | None]
    call: CountedCall

    async def async_leave(
        self, batches: Batches, call_id: str, left_s: float, error: BaseException
    ) -> None:
        """The error carries the usage, too."""
        ending = asyncio.create_task(batches.rest())
        try:
            await self.stop.async_wait(ending, call_id, left_s)
        finally:
            ending.cancel()
        self.call.usage = _usage_of(ending, self.used_after)
        set_all_spent(error, self.call.usage)

    def used_after(self, items: list[Any]) -> Usage | None:
        """Used so far, once the items have come."""
        found = (usage for item in reversed(items) if (usage := self.used(item)) is not None)
        return next(found, self.call.usage)
