"""Failover along a chain of models: before the first token, and in the middle of an answer.

    ask ──▶ first model ──(breaks)──▶ how to go on?
                                         │
             nothing was sent ───────────┼─▶ ask       the next model gets the same request
             plain text ─────────────────┼─▶ continue  a model that supports it continues the text
             JSON, tools, no such model, ┼─▶ repeat    the same model answers again; what was sent
             or little text              │             already is left out
             the caller chose restarts ──┴─▶ restart   from the beginning

Sent text is never repeated and never contradicted: if the second answer begins differently, another model
continues, or the error stands. An answer is complete only with its finish reason. Tool calls are held back
until they are complete. The usage of every model is charged.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from genai.base.llm import BaseLLM, WrappedLLM
from genai.errors import BackendFailed, GenAIError, InvalidInput
from genai.llms.failover.attempt import FALLS_BACK, Attempt, Contradiction, NextModel, Sent
from genai.llms.failover.failures import NOTHING, ChainFailures
from genai.llms.spent import ENDINGS
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.reliability.backoff import Backoff
from genai.streams import closing

Part = TypeVar("Part", Completion, Chunk)

UNABLE = (*FALLS_BACK, InvalidInput)
"""`InvalidInput` counts only for fallbacks: they may not support the request."""

MOST_BREAKS = 3
"""How often the same model may break under one answer."""

FEW_TOKENS = 64
"""Up to this length, repeating is quick, and exact."""

STALLED = Backoff(0.5, 2.0)
"""Between retries of a model that is stuck: its engine is being restarted."""


class FallbackLLM(WrappedLLM):
    """Calls the first model, and the next ones in turn if it fails."""

    def __init__(self, links: Sequence[BaseLLM]) -> None:
        super().__init__(links[0])
        self._links = tuple(links)

    async def async_chat(self, request: ChatRequest) -> Completion:
        failed = ChainFailures()
        for link in self._links:
            try:
                answer = await link.async_chat(_within_allowance(request, failed.lost))
                return _mark_degraded(_charged(answer, failed.lost), failed.reason)
            except UNABLE as error:
                failed.add(link, error)
                if link is not self._links[-1]:
                    failed.fall_back(link, error)
            except ENDINGS as error:
                failed.charge(error)
                raise
        return await self._wait_for_silent(request, failed)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        chain = _StreamChain(self._links, request)
        while True:
            attempt = chain.attempt()
            if attempt.restarts:
                yield chain.marked(attempt.restart())
            try:
                async with closing(
                    attempt.chunks(_within_allowance(request, chain.failed.lost))
                ) as chunks:
                    async for chunk in chunks:
                        yield chain.marked(chunk)
                return
            except UNABLE as error:
                await chain.broke(attempt, error)
            except GenAIError as error:
                chain.failed.charge(error, attempt.spent)
                raise

    async def _wait_for_silent(self, request: ChatRequest, failed: ChainFailures) -> Completion:
        """Wait for a model that failed only by silence, because no other can answer."""
        link, stalls = failed.silent, 0
        if link is None or not request.context.remaining_s():
            failed.end()
        reason = None if link is self._links[0] else failed.reason
        while True:
            try:
                answer = await link.unwatched.async_chat(_within_allowance(request, failed.lost))
                return _mark_degraded(_charged(answer, failed.lost), reason)
            except UNABLE as error:
                failed.add(link, error)
                stalls += 1
                if not (_repeatable(error) and await _paused(request, stalls)):
                    failed.end()
            except ENDINGS as error:
                failed.charge(error)
                raise

    async def async_available(self) -> bool:
        return any([await link.async_available() for link in self._links])

    async def async_start(self) -> None:
        for link in self._links:
            await link.async_start()

    async def async_close(self) -> None:
        for link in self._links:
            await link.async_close()


class _StreamChain:
    """Decides which model continues a stream that broke."""

    def __init__(self, links: Sequence[BaseLLM], request: ChatRequest) -> None:
        self.failed = ChainFailures()
        self._request = request
        self._sent = Sent()
        self._first, *self._later = links
        self._turn = NextModel(self._first, "ask")
        self._breaks = self._stalls = 0
        self._inconsistent = self._waited_for_silent = False

    def attempt(self) -> Attempt:
        return Attempt(self._turn, self._sent)

    def marked(self, chunk: Chunk) -> Chunk:
        reason = None if self._turn.link is self._first else self.failed.reason
        return _mark_degraded(_charged(chunk, self.failed.lost), reason)

    async def broke(self, attempt: Attempt, error: GenAIError) -> None:
        """Choose the next turn. Raises the error of the chain if there is none."""
        turn = self._turn
        self.failed.add(turn.link, error, attempt.spent)
        self._breaks = self._breaks + 1 if isinstance(error, BackendFailed) else MOST_BREAKS
        stalled = turn.patient and not attempt.sent_more and _repeatable(error)
        if stalled and self._breaks >= MOST_BREAKS and await _paused(self._request, self._stalls):
            self._breaks, self._stalls = MOST_BREAKS - 1, self._stalls + 1
        self._inconsistent = self._inconsistent or isinstance(error, Contradiction)
        following = self._following(error) or self._silent_turn()
        if following is None:
            self.failed.end()
        if following.link is not turn.link:
            self._pass_on(turn.link, following.link, error)
        self._turn = following

    def _pass_on(self, broken: BaseLLM, link: BaseLLM, error: GenAIError) -> None:
        """Move on to ``link``; models before it are skipped."""
        passed = self._later.index(link) + 1 if link in self._later else len(self._later)
        del self._later[:passed]
        self._breaks, self._inconsistent = 0, False
        self.failed.fall_back(broken, error)

    def _following(self, error: GenAIError) -> NextModel | None:
        """The next turn; None if no model can continue.

        A model is inconsistent if its repeated answer differed.
        """
        broken, sent, request = self._turn.link, self._sent, self._request
        again = broken.replaceable and self._breaks < MOST_BREAKS and _can_continue(error)
        able = [broken, *self._later] if again else self._later
        if not sent:
            patient = self._turn.patient and again
            return NextModel(able[0], "ask", patient) if able else None
        if request.sampling.on_break == "restart":
            return NextModel(able[0], "restart") if able else None
        plain = not (request.tools or request.sampling.json_schema or sent.citations)
        alone = not (plain and any(link.continues for link in self._later))
        repeats = _is_deterministic(request) and not self._inconsistent
        for link in able:
            continues = plain and link.continues
            if link is broken and repeats and not (continues and _takes_long(request, sent)):
                return NextModel(link, "repeat", patient=alone)
            if continues:
                return NextModel(link, "continue", patient=alone)
        return None

    def _silent_turn(self) -> NextModel | None:
        """Wait for a model that failed only by silence, because no other can answer."""
        silent = self.failed.silent
        if (
            silent is None
            or self._sent
            or self._waited_for_silent
            or not self._request.context.remaining_s()
        ):
            return None
        self._waited_for_silent = True
        return NextModel(silent, "ask", patient=True)


async def _paused(request: ChatRequest, stalls: int) -> bool:
    """Pause before the only model that can continue is asked again; false if there is no time."""
    delay_s = STALLED.delay_s(stalls, 0.1)
    if delay_s > request.context.remaining_s():
        return False
    await asyncio.sleep(delay_s)
    return True


def _takes_long(request: ChatRequest, sent: Sent) -> bool:
    """Whether repeating the answer takes long. If it has reached ``max_tokens``, continuing is no
    alternative.
    """
    return FEW_TOKENS < sent.tokens < request.sampling.max_tokens


def _repeatable(error: GenAIError) -> bool:
    return isinstance(error, BackendFailed) and error.retryable


def _can_continue(error: GenAIError) -> bool:
    """Whether the same model may be called for the rest."""
    return _repeatable(error) or isinstance(error, Contradiction)


def _is_deterministic(request: ChatRequest) -> bool:
    return request.sampling.temperature == 0 or request.sampling.seed is not None


def _within_allowance(request: ChatRequest, lost: Usage) -> ChatRequest:
    """The request with its allowance reduced by the cost of failed calls."""
    context = request.context.less(lost.cost_micro_usd)
    return (
        request if context is request.context else request.model_copy(update={"context": context})
    )


def _charged(answer: Part, lost: Usage) -> Part:
    """The answer with the usage of failed models added."""
    if lost == NOTHING:
        return answer
    update: dict[str, Usage] = {}
    if answer.usage is not None:
        update["usage"] = lost + answer.usage
    if isinstance(answer, Chunk) and answer.usage is None:
        update["spent"] = lost + (answer.spent or NOTHING)
    return answer.model_copy(update=update)


def _mark_degraded(answer: Part, reason: str | None) -> Part:
    if reason is None or answer.degraded is not None:
        return answer
    return answer.model_copy(update={"degraded": reason})
