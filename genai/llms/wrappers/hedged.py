"""Hedged requests: sends a second request when the first is late, and takes the first answer.

This cuts the tail latency of a back end that is usually fast, at the price of the losing calls. So it is
off by default, shares the retry budget, and is not used when the request has a spending limit.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from genai.base.llm import BaseLLM, WrappedLLM
from genai.base.prompt import estimate_message_tokens
from genai.errors import GenAIError
from genai.llms.spent import spent_by
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.reliability.retry_budget import RetryBudget
from genai.streams import closing

T = TypeVar("T")
Begun = tuple[AsyncIterator[Chunk], Chunk | None]


class HedgedLLM(WrappedLLM):
    """Sends a second request if nothing has arrived after ``after_s``.

    The losing call is cancelled. What it had used is charged if it is known, else its prompt, because that
    was processed.
    """

    def __init__(self, inner: BaseLLM, *, after_s: float, budget: RetryBudget) -> None:
        super().__init__(inner)
        self._after_s = after_s
        self._budget = budget

    async def async_chat(self, request: ChatRequest) -> Completion:
        said, losers = await self._race(request, lambda: self._inner.async_chat(request))
        if not losers:
            return said
        await asyncio.wait(losers)
        lost = sum((_used(loser, request) for loser in losers), Usage())
        return said.model_copy(update={"usage": said.usage + lost})

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        async def begin() -> Begun:
            chunks = self._inner.async_stream(request)
            return chunks, await anext(chunks, None)

        (chunks, first), losers = await self._race(request, begin)
        async with closing(chunks):
            if first is not None:
                yield _charged(first, request) if losers else first
            async for chunk in chunks:
                yield _charged(chunk, request) if losers else chunk

    async def _race(
        self, request: ChatRequest, ask: Callable[[], Coroutine[Any, Any, T]]
    ) -> tuple[T, set[asyncio.Task[T]]]:
        """The first answer, and the calls that lost. An error counts only if both fail."""
        running = {asyncio.ensure_future(ask())}
        try:
            await asyncio.wait(running, timeout=self._after_s)
            (first,) = running
            limited = request.context.allowance_micro_usd is not None
            if first.done() or limited or not self._budget.allows():
                return await first, set()
            running.add(asyncio.ensure_future(ask()))
            winner = await _first_good(running)
            return winner.result(), running - {winner}
        finally:
            for task in running:
                task.cancel()


async def _first_good(running: set[asyncio.Task[T]]) -> asyncio.Task[T]:
    waiting = set(running)
    while True:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not waiting or not isinstance(task.exception(), GenAIError):
                return task


def _used(loser: asyncio.Task[Completion], request: ChatRequest) -> Usage:
    try:
        return loser.result().usage
    except (Exception, asyncio.CancelledError) as error:
        return spent_by(error) or _read(request)


def _read(request: ChatRequest) -> Usage:
    return Usage(prompt_tokens=estimate_message_tokens(request.messages))


def _charged(chunk: Chunk, request: ChatRequest) -> Chunk:
    if chunk.usage is None:
        return chunk
    return chunk.model_copy(update={"usage": chunk.usage + _read(request)})
