"""Retry, circuit breaker and fallback: models that wrap models.

    FallbackLLM ─┬▶ BreakingLLM ─▶ RetryingLLM ─▶ OpenAILLM
                 └▶ another model

Nothing here restarts an answer of which the caller has already seen a part.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from genai.base.llm import BaseLLM
from genai.errors import (
    BackendFailed,
    CallerError,
    CircuitOpen,
    GenAIError,
    Misconfigured,
    ModelUnavailable,
    Overloaded,
)
from genai.llms.spent import note_spent, noted, spent_by
from genai.messages import ChatRequest, Chunk, Completion, Message, Usage
from genai.reliability.backoff import Backoff
from genai.reliability.circuit import Circuit
from genai.streams import closing

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]
Part = TypeVar("Part", Completion, Chunk)

NOTHING = Usage()


class WrappedLLM(BaseLLM):
    """A model that hands everything to another."""

    def __init__(self, inner: BaseLLM) -> None:
        self.name = inner.name
        self.continues = inner.continues
        self._inner = inner

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await self._inner.async_chat(request)

    def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        return self._inner.async_stream(request)

    async def async_start(self) -> None:
        await self._inner.async_start()

    async def async_available(self) -> bool:
        return await self._inner.async_available()

    def running(self) -> int:
        return self._inner.running()

    async def async_check_health(self) -> None:
        await self._inner.async_check_health()

    async def async_close(self) -> None:
        await self._inner.async_close()


class RetryingLLM(WrappedLLM):
    """Tries again what may succeed: busy or failed back ends, within the request's deadline.

    A stream is only tried again before its first part.
    """

    def __init__(
        self, inner: BaseLLM, *, retries: int, backoff: Backoff, sleep: Sleep = asyncio.sleep
    ) -> None:
        super().__init__(inner)
        self._retries = retries
        self._backoff = backoff
        self._sleep = sleep

    async def async_chat(self, request: ChatRequest) -> Completion:
        tries = 0
        while True:
            tries += 1
            try:
                return await self._inner.async_chat(request)
            except (BackendFailed, Overloaded) as error:
                await self._wait(request, tries, error)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        tries, silent = 0, True
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
        """Wait for the next try, or raise the error when there is none to make."""
        if tries > self._retries or not _may_retry(error):
            raise error
        asked_s: float = vars(error).get("retry_after_s", 0.0)  # absent unless the back end said it
        delay_s = self._backoff.delay_s(tries, asked_s)
        if delay_s >= request.context.remaining_s():
            raise error
        logger.info("retrying a model", extra={"model": self.name, "tries": tries})
        await self._sleep(delay_s)


def _may_retry(error: GenAIError) -> bool:
    return not isinstance(error, BackendFailed) or error.retryable


class BreakingLLM(WrappedLLM):
    """Stops asking a back end that keeps failing, and says so at once: `CircuitOpen`."""

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
        """Caller errors prove that the back end answers; a cancelled call proves nothing.

        Nor does a call that ran out of time: its time was for the caller to set.
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


class FallbackLLM(WrappedLLM):
    """Asks the first model, and the next ones in turn when it cannot answer.

    A stream that breaks in the middle goes on with the next model that can continue a text; where
    there is none, or the answer is not plain text, the error is the caller's to see.
    """

    def __init__(self, links: Sequence[BaseLLM]) -> None:
        super().__init__(links[0])
        self._links = tuple(links)

    async def async_chat(self, request: ChatRequest) -> Completion:
        failures: list[GenAIError] = []
        reason: str | None = None
        lost = Usage()
        for link in self._links[:-1]:
            try:
                said = await link.async_chat(_less(request, lost))
                return _mark(_charged(said, lost), reason)
            except FALLS_BACK as error:
                lost += spent_by(error) or Usage()
                reason = reason or _reason(link, error)
                failures.append(error)
                _log_fallback(link, error)
        with noted(lost):
            try:
                said = await self._links[-1].async_chat(_less(request, lost))
            except ModelUnavailable as error:
                worst = _worst([*failures, error])
                raise worst from worst.__cause__
        return _mark(_charged(said, lost), reason)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        failures: list[GenAIError] = []
        reason: str | None = None
        said: list[str] = []
        lost = Usage()
        links = list(self._links)
        while links:
            link = links.pop(0)
            plain = True
            try:
                continued = _continued(_less(request, lost), said)
                async with closing(link.async_stream(continued)) as chunks:
                    async for chunk in chunks:
                        plain = plain and not (chunk.tool_calls or chunk.citations)
                        said += [chunk.text] if chunk.text else []
                        yield _mark(_charged(chunk, lost), reason)
                return
            except FALLS_BACK as error:
                lost += spent_by(error) or Usage()
                if said or not plain:
                    links = _that_continue(links, request) if plain else []
                failures.append(error)
                if not links:
                    worst = _worst(failures)
                    worst.__dict__.pop("spent", None)
                    note_spent(worst, lost)
                    raise worst from worst.__cause__
                reason = reason or _reason(link, error)
                _log_fallback(link, error)
            except GenAIError as error:
                note_spent(error, lost)
                raise

    async def async_available(self) -> bool:
        return any([await link.async_available() for link in self._links])

    async def async_start(self) -> None:
        for link in self._links:
            await link.async_start()

    async def async_close(self) -> None:
        for link in self._links:
            await link.async_close()


FALLS_BACK = (BackendFailed, Overloaded, CircuitOpen, Misconfigured)


def _worst(failures: Sequence[GenAIError]) -> GenAIError:
    """What a chain failed by: a model that lacks its key is no reason where another one broke."""
    broke = [error for error in failures if not isinstance(error, ModelUnavailable)]
    return (broke or failures)[-1]


def _less(request: ChatRequest, lost: Usage) -> ChatRequest:
    """The request with the money that is left for it."""
    context = request.context.less(lost.cost_micro_usd)
    return (
        request if context is request.context else request.model_copy(update={"context": context})
    )


def _charged(answer: Part, lost: Usage) -> Part:
    """The answer, with what was paid before to models that did not finish theirs."""
    if lost == NOTHING:
        return answer
    update: dict[str, Usage] = {}
    if answer.usage is not None:
        update["usage"] = lost + answer.usage
    if isinstance(answer, Chunk) and answer.usage is None:
        update["spent"] = lost + (answer.spent or NOTHING)
    return answer.model_copy(update=update)


def _that_continue(links: Sequence[BaseLLM], request: ChatRequest) -> list[BaseLLM]:
    """Models that may take over a text in the middle. JSON cannot be taken over."""
    if request.sampling.json_schema is not None or request.tools:
        return []
    return [link for link in links if link.continues]


def _continued(request: ChatRequest, said: Sequence[str]) -> ChatRequest:
    if not said:
        return request
    begun = Message(role="assistant", content="".join(said))
    return request.model_copy(update={"messages": (*request.messages, begun)})


def _mark(answer: Part, reason: str | None) -> Part:
    if reason is None or answer.degraded is not None:
        return answer
    return answer.model_copy(update={"degraded": reason})


def _reason(link: BaseLLM, error: GenAIError) -> str:
    return f"{link.name}: {error.code}"


def _log_fallback(link: BaseLLM, error: GenAIError) -> None:
    logger.warning("a model falls back to the next", extra={"model": link.name, "code": error.code})
