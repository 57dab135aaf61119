"""Resilience wrappers: retries, circuit breaker, bulkhead.

    BulkheadLLM ─▶ BreakingLLM ─▶ RetryingLLM ─▶ HedgedLLM ─▶ OpenAILLM

None of them restarts an answer after its first part was sent: that is the task of `failover`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, CallerError, CircuitOpen, GenAIError, Overloaded
from genai.llms.spent import noted, spent_by
from genai.llms.wrapped import WrappedLLM
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit
from genai.reliability.retry_budget import RetryBudget
from genai.streams import closing

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class RetryingLLM(WrappedLLM):
    """Retries overloaded or failed back ends, within the request's deadline.

    Streams are retried only before their first part; answers that already cost something, only if the
    request has no spending limit. All calls together get the retries that ``budget`` allows.
    """

    def __init__(
        self,
        inner: BaseLLM,
        *,
        retries: int,
        backoff: Backoff,
        budget: RetryBudget,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(inner)
        self._retries = retries
        self._backoff = backoff
        self._budget = budget
        self._sleep = sleep

    async def async_chat(self, request: ChatRequest) -> Completion:
        tries, lost = 0, Usage()
        self._budget.call()
        while True:
            tries += 1
            with noted(lost):
                try:
                    said = await self._inner.async_chat(request)
                    break
                except (BackendFailed, Overloaded) as error:
                    spent = spent_by(error) or Usage()
                    if spent != Usage() and request.context.allowance_micro_usd is not None:
                        raise
                    await self._wait(request, tries, error)
                    lost += spent
        return said.model_copy(update={"usage": lost + said.usage}) if lost != Usage() else said

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        tries, silent = 0, True
        self._budget.call()
        while True:
            tries += 1
            try:
                async with closing(self._inner.async_stream(request)) as chunks:
                    async for chunk in chunks:
                        silent = False
                        yield chunk
                return
            except (BackendFailed, Overloaded) as error:
                if not silent:
                    raise
                await self._wait(request, tries, error)

    async def _wait(self, request: ChatRequest, tries: int, error: GenAIError) -> None:
        """Back off before the next try; raise the error if there is none."""
        if tries > self._retries or not _may_retry(error):
            raise error
        asked_s: float = vars(error).get("retry_after_s", 0.0)  # absent unless the back end said it
        delay_s = self._backoff.delay_s(tries, asked_s)
        if delay_s >= request.context.remaining_s() or not self._budget.allows():
            raise error
        logger.info("retrying a model", extra={"model": self.name, "tries": tries})
        await self._sleep(delay_s)


def _may_retry(error: GenAIError) -> bool:
    return not isinstance(error, BackendFailed) or error.retryable


class BreakingLLM(WrappedLLM):
    """A circuit breaker: raises `CircuitOpen` at once for a back end that keeps failing."""

    def __init__(self, inner: BaseLLM, circuit: Circuit) -> None:
        super().__init__(inner)
        self.circuit = circuit

    async def async_chat(self, request: ChatRequest) -> Completion:
        with self._guarded():
            return await self._inner.async_chat(request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        with self._guarded():
            async with closing(self._inner.async_stream(request)) as chunks:
                async for chunk in chunks:
                    yield chunk

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Caller errors prove that the back end works. Cancelled calls prove nothing, nor do those that
        ran out of time: the caller set the limit.
        """
        if not self.circuit.allows():
            error = CircuitOpen("the model failed repeatedly and is left alone for a while")
            error.retry_after_s = max(1.0, self.circuit.retry_after_s)
            raise error
        try:
            yield
        except CallerError:
            self.circuit.succeed()
            raise
        except (BackendFailed, Overloaded):
            self.circuit.fail()
            raise
        except BaseException:
            self.circuit.forget()
            raise
        self.circuit.succeed()


class BulkheadLLM(WrappedLLM):
    """A bulkhead: limits concurrent calls, so that a hanging back end does not use up this process.

    Beyond ``places``, calls raise `Overloaded` at once, and may fall back.
    """

    def __init__(self, inner: BaseLLM, places: int) -> None:
        super().__init__(inner)
        self._free = places

    async def async_chat(self, request: ChatRequest) -> Completion:
        with self._place():
            return await self._inner.async_chat(request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        with self._place():
            async with closing(self._inner.async_stream(request)) as chunks:
                async for chunk in chunks:
                    yield chunk

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._free:
            raise Overloaded("all places for this model are taken")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
