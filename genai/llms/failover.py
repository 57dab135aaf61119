"""The next model takes over: before the first word, and in the middle of an answer.

    asked ──▶ first model ──(breaks)──▶ how does it go on?
                                          │
             nothing was said ────────────┼─▶ afresh   the next model is asked the same
             plain text ──────────────────┼─▶ on       a model that can continues what was said
             JSON, tools, no such model, ─┼─▶ again    the same model says it again; what was said
             and few words                │            and comes again is left out
             the caller chose restarts ───┴─▶ anew     from the start

What has been said is never said twice and never contradicted: where the second answer begins otherwise,
another one continues it, or the error stands. An answer without its end has broken, and one that has
had its end has not. Tool calls are held back until they are whole. What each model used is charged.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, GenAIError, InvalidInput
from genai.llms.attempt import FALLS_BACK, Attempt, SaidOtherwise, Told, Turn
from genai.llms.chain_failures import NOTHING, ChainFailures
from genai.llms.spent import ENDINGS
from genai.llms.wrapped import WrappedLLM
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.reliability.backoff import Backoff
from genai.streams import closing

Part = TypeVar("Part", Completion, Chunk)

UNABLE = (*FALLS_BACK, InvalidInput)
"""The latter only of a model that stands in: it cannot do what the first one was asked for."""

MOST_BREAKS = 3
"""Times that one model may break under one answer and be asked for the rest of it."""

FEW_TOKENS = 64
"""Said again in less time than anybody minds, and then to the letter the answer that was begun."""

STALLED = Backoff(0.5, 2.0)
"""Between the tries of a model that says nothing more: its engine has died, and is started anew."""


class FallbackLLM(WrappedLLM):
    """Asks the first model, and the next ones in turn when it cannot answer."""

    def __init__(self, links: Sequence[BaseLLM]) -> None:
        super().__init__(links[0])
        self._links = tuple(links)

    async def async_chat(self, request: ChatRequest) -> Completion:
        failed = ChainFailures()
        for link in self._links:
            try:
                said = await link.async_chat(_less(request, failed.lost))
                return _mark(_charged(said, failed.lost), failed.reason)
            except UNABLE as error:
                failed.add(link, error)
                if link is not self._links[-1]:
                    failed.fall_back(link, error)
            except ENDINGS as error:
                failed.charge(error)
                raise
        return await self._insist(request, failed)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        course = _Course(self._links, request)
        while True:
            attempt = course.attempt()
            if attempt.restarts:
                yield course.marked(attempt.restart())
            try:
                async with closing(attempt.chunks(_less(request, course.failed.lost))) as chunks:
                    async for chunk in chunks:
                        yield course.marked(chunk)
                return
            except UNABLE as error:
                await course.broke(attempt, error)
            except GenAIError as error:
                course.failed.charge(error, attempt.spent)
                raise

    async def _insist(self, request: ChatRequest, failed: ChainFailures) -> Completion:
        """Wait for a model that was only found silent: nobody else can answer."""
        link, stalls = failed.silent, 0
        if link is None or not request.context.remaining_s():
            failed.end()
        reason = None if link is self._links[0] else failed.reason
        while True:
            try:
                said = await link.unwatched.async_chat(_less(request, failed.lost))
                return _mark(_charged(said, failed.lost), reason)
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


class _Course:
    """Who tells a streamed answer, and who goes on when that one breaks."""

    def __init__(self, links: Sequence[BaseLLM], request: ChatRequest) -> None:
        self.failed = ChainFailures()
        self._request = request
        self._told = Told()
        self._first, *self._later = links
        self._turn = Turn(self._first, "afresh")
        self._breaks = self._stalls = 0
        self._fickle = self._insisted = False

    def attempt(self) -> Attempt:
        return Attempt(self._turn, self._told)

    def marked(self, chunk: Chunk) -> Chunk:
        reason = None if self._turn.link is self._first else self.failed.reason
        return _mark(_charged(chunk, self.failed.lost), reason)

    async def broke(self, attempt: Attempt, error: GenAIError) -> None:
        """Choose who goes on. Raises what the chain failed by when nobody can."""
        turn = self._turn
        self.failed.add(turn.link, error, attempt.spent)
        self._breaks = self._breaks + 1 if isinstance(error, BackendFailed) else MOST_BREAKS
        stalled = turn.patient and not attempt.said_more and _repeatable(error)
        if stalled and self._breaks >= MOST_BREAKS and await _paused(self._request, self._stalls):
            self._breaks, self._stalls = MOST_BREAKS - 1, self._stalls + 1
        self._fickle = self._fickle or isinstance(error, SaidOtherwise)
        following = self._following(error) or self._insisting()
        if following is None:
            self.failed.end()
        if following.link is not turn.link:
            self._pass_on(turn.link, following.link, error)
        self._turn = following

    def _pass_on(self, broken: BaseLLM, link: BaseLLM, error: GenAIError) -> None:
        """Those before ``link`` are passed over."""
        passed = self._later.index(link) + 1 if link in self._later else len(self._later)
        del self._later[:passed]
        self._breaks, self._fickle = 0, False
        self.failed.fall_back(broken, error)

    def _following(self, error: GenAIError) -> Turn | None:
        """Who goes on, and how; None when nobody can. A model is fickle that began otherwise when it
        was asked again."""
        broken, told, request = self._turn.link, self._told, self._request
        again = broken.replaceable and self._breaks < MOST_BREAKS and _goes_on(error)
        able = [broken, *self._later] if again else self._later
        if not told:
            patient = self._turn.patient and again
            return Turn(able[0], "afresh", patient) if able else None
        if request.sampling.on_break == "restart":
            return Turn(able[0], "anew") if able else None
        plain = not (request.tools or request.sampling.json_schema or told.citations)
        alone = not (plain and any(link.continues for link in self._later))
        repeats = _repeats_itself(request) and not self._fickle
        for link in able:
            goes_on = plain and link.continues
            if link is broken and repeats and not (goes_on and _takes_long(request, told)):
                return Turn(link, "again", patient=alone)
            if goes_on:
                return Turn(link, "on", patient=alone)
        return None

    def _insisting(self) -> Turn | None:
        """Wait for a model that was only found silent: nobody else can answer."""
        silent = self.failed.silent
        if (
            silent is None
            or self._told
            or self._insisted
            or not self._request.context.remaining_s()
        ):
            return None
        self._insisted = True
        return Turn(silent, "afresh", patient=True)


async def _paused(request: ChatRequest, stalls: int) -> bool:
    """Whether the only model that can go on may be asked once more, after a pause."""
    delay_s = STALLED.delay_s(stalls, 0.1)
    if delay_s > request.context.remaining_s():
        return False
    await asyncio.sleep(delay_s)
    return True


def _takes_long(request: ChatRequest, told: Told) -> bool:
    """To say it all again. An answer that has no room for another word cannot go on otherwise."""
    return FEW_TOKENS < told.tokens < request.sampling.max_tokens


def _repeatable(error: GenAIError) -> bool:
    return isinstance(error, BackendFailed) and error.retryable


def _goes_on(error: GenAIError) -> bool:
    """Whether the same model may be asked for the rest."""
    return _repeatable(error) or isinstance(error, SaidOtherwise)


def _repeats_itself(request: ChatRequest) -> bool:
    return request.sampling.temperature == 0 or request.sampling.seed is not None


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


def _mark(answer: Part, reason: str | None) -> Part:
    if reason is None or answer.degraded is not None:
        return answer
    return answer.model_copy(update={"degraded": reason})
