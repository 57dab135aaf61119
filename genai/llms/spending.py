"""What the calls of models have used so far, for whoever is stopped before they answer.

    with spending() as spent:       # one request, in one process
        ...                         # models report their calls, also from tasks of the request
    spent.total                     # also after a cancellation, which has no result

The usage of an answer is in the answer, and that of a failed call in its error (`spent`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

from genai.base.llm import WrappedLLM
from genai.errors import GenAIError
from genai.llms.spent import ENDINGS, spent_by, was_cut_off
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.streams import closing


class Used(Protocol):
    @property
    def usage(self) -> Usage: ...


T = TypeVar("T", bound=Used)


class CountedCall:
    """One call. Its ``usage`` is unknown, None, until it is reported."""

    usage: Usage | None = None

    def ended_by(self, error: GenAIError | asyncio.CancelledError) -> None:
        spent = spent_by(error)
        if spent is not None or not was_cut_off(error):
            self.usage = spent or Usage()


class Spending:
    def __init__(self) -> None:
        self.calls: list[CountedCall] = []

    @property
    def total(self) -> Usage | None:
        """None if the usage of a call is unknown."""
        total = Usage()
        for call in self.calls:
            if call.usage is None:
                return None
            total += call.usage
        return total


_OF_THIS_REQUEST: ContextVar[Spending | None] = ContextVar("spending", default=None)


@contextmanager
def spending() -> Iterator[Spending]:
    """Counts the calls in the block."""
    spent = Spending()
    token = _OF_THIS_REQUEST.set(spent)
    try:
        yield spent
    finally:
        _OF_THIS_REQUEST.reset(token)


def is_counted() -> bool:
    return _OF_THIS_REQUEST.get() is not None


def begin_call() -> CountedCall:
    call, spent = CountedCall(), _OF_THIS_REQUEST.get()
    if spent is not None:
        spent.calls.append(call)
    return call


async def counted(answer: Awaitable[T]) -> T:
    """Reports the usage of one call, however it ends."""
    call = begin_call()
    try:
        found = await answer
    except ENDINGS as error:
        call.ended_by(error)
        raise
    call.usage = found.usage
    return found


class CountedLLM(WrappedLLM):
    """Reports its calls."""

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await counted(self._inner.async_chat(request))

    def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        chunks = self._inner.async_stream(request)
        return counted_chunks(chunks) if is_counted() else chunks


async def counted_chunks(chunks: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    """Reports the usage of one call as its chunks come."""
    call = begin_call()
    try:
        async with closing(chunks) as source:
            async for chunk in source:
                call.usage = chunk.usage or chunk.spent or call.usage
                yield chunk
    except ENDINGS as error:
        call.ended_by(error)
        raise
