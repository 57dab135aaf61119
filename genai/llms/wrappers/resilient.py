"""Resilience wrappers: retries, circuit breaker, bulkhead.

    BulkheadLLM ─▶ CircuitBreakerLLM ─▶ RetryingLLM ─▶ HedgedLLM ─▶ OpenAILLM

None of them restarts an answer that has been streamed in part: `failover` does that.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from genai.base.llm import BaseLLM, WrappedLLM
from genai.errors import BackendFailed, CallerError, CircuitOpen, GenAIError, Overloaded
from genai.llms.spent import ENDINGS, note_spent, noted, spent_by, was_cut_off
from genai.llms.streamed_usage import StreamedUsage
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit
from genai.reliability.retry_budget import RetryBudget
from genai.streams import closing

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class RetryingLLM(WrappedLLM):
    """Retries calls of busy or failed back ends, within the request's deadline.

    A stream is retried only before its first part. A failed call that has to be paid is retried only
    if the request has no money limit. ``budget`` limits the retries of all calls together.
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
                    answer = await self._inner.async_chat(request)
                    break
                except (BackendFailed, Overloaded) as error:
                    await self._wait(request, tries, error)
                    lost += spent_by(error) or Usage()
        return (
            answer.model_copy(update={"usage": lost + answer.usage}) if lost != Usage() else answer
        )

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        tries, lost, nothing_sent = 0, Usage(), True
        self._budget.call()
        while True:
            tries += 1
            try:
                async with closing(_charged(self._inner, request, lost)) as chunks:
                    async for chunk in chunks:
                        nothing_sent = False
                        yield chunk
                return
            except ENDINGS as error:
                # Without the usage of the call itself, that of the last chunk counts, or it is unknown.
                if spent_by(error) or (nothing_sent and not was_cut_off(error)):
                    note_spent(error, lost)
                if not (nothing_sent and isinstance(error, BackendFailed | Overloaded)):
                    raise
                await self._wait(request, tries, error)
                lost = spent_by(error) or Usage()

    async def _wait(self, request: ChatRequest, tries: int, error: GenAIError) -> None:
        """Wait before the next try, or raise the error if it must not be retried."""
        paid = (spent_by(error) or Usage()) != Usage()
        limited = paid and request.context.allowance_micro_usd is not None
        if tries > self._retries or limited or not _may_retry(error):
            raise error
        asked_s: float = vars(error).get("retry_after_s", 0.0)  # absent unless the back end sent it
        delay_s = self._backoff.delay_s(tries, asked_s)
        if delay_s >= request.context.remaining_s() or not self._budget.allows():
            raise error
        logger.info("retrying a model", extra={"model": self.name, "tries": tries})
        await self._sleep(delay_s)


async def _charged(llm: BaseLLM, request: ChatRequest, lost: Usage) -> AsyncIterator[Chunk]:
    """The stream of the model, with the usage of failed tries added."""
    usage = StreamedUsage(request)
    async with closing(llm.async_stream(request)) as chunks:
        async for chunk in chunks:
            if lost != Usage():
                field = "spent" if chunk.usage is None else "usage"
                chunk = chunk.model_copy(update={field: lost + usage.after(chunk)})
            yield chunk


def _may_retry(error: GenAIError) -> bool:
    return not isinstance(error, BackendFailed) or error.retryable


class CircuitBreakerLLM(WrappedLLM):
    """A circuit breaker: raises `CircuitOpen` at once while a back end keeps failing."""

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
        """Errors of the caller count as success: the back end answered. Cancelled calls and those
        that reached the caller's deadline count as neither.
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
    """Limits the concurrent calls, and so what a hanging back end takes of this process.

    Raises `Overloaded` at once when the limit is reached, so that the caller can fall back.
    """

    def __init__(self, inner: BaseLLM, max_calls: int) -> None:
        super().__init__(inner)
        self._free = max_calls

    async def async_chat(self, request: ChatRequest) -> Completion:
        with self._slot():
            return await self._inner.async_chat(request)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        with self._slot():
            async with closing(self._inner.async_stream(request)) as chunks:
                async for chunk in chunks:
                    yield chunk

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._free:
            raise Overloaded("all places for this model are taken")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
