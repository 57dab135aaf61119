"""Proxies: other deployments behind the interfaces of the objects that they host."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence

from deployments.calls import (
    PING_AT_MOST_S,
    PING_WITHIN_S,
    Handle,
    Leaving,
    Stop,
    ask_all,
    call,
    pinged,
    stream,
)
from deployments.ray_errors import ReplicaLost
from genai.base.answerer import BaseAnswerer
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.errors import GenAIError, GuardUnavailable
from genai.events import DraftEvent, DraftStreamEvent, SpentEvent
from genai.llms.spending import CountedCall, begin_call, counted
from genai.llms.spent import GRACE_S, spent_by, was_cut_off
from genai.messages import ChatRequest, Chunk, Completion, Draft, Question, RequestContext, Usage
from genai.reliability.hedging import hedged_call
from genai.reliability.lag_tolerant_wait import lag_tolerant_wait
from genai.replay import replayed
from genai.safety.base import Stage, Verdict
from genai.streams import closing

STOPS_WITHIN_S = 0.8
"""Time for a call that was stopped to end by itself, with its usage."""

EMBED_PATIENCE_S = 1.0
EMBED_WITHIN_S = 60.0
"""Long enough for a replica to start on a busy machine; the request's own deadline is shorter."""


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

        def begin(spent: Usage) -> AsyncIterator[DraftStreamEvent]:
            context = question.context.less(spent.cost_micro_usd)
            return self._counted(question.model_copy(update={"context": context}))

        return replayed(begin, ReplicaLost)

    async def _counted(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        """Reports the usage as the events come."""
        call = begin_call()
        call.usage = Usage()
        leaving = Leaving(self._stop, _used_at, call)
        within_s = question.context.remaining_s() + GRACE_S
        events = stream(self._stream, question, within_s=within_s, leaving=leaving)
        try:
            async with closing(events) as source:
                async for event in source:
                    yield event
        except GenAIError as error:
            if was_cut_off(error) or spent_by(error) is not None:
                call.usage = spent_by(error)
            raise

    async def async_check(self) -> None:
        """Raise `ReplicaLost` unless a replica answers. Concurrent checks share one call."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(pinged(self._here))
        try:
            await asyncio.shield(self._checking)
        except (GenAIError, TimeoutError) as error:
            raise ReplicaLost(f"{self._here.deployment_name} does not answer") from error


def _used_at(event: DraftStreamEvent) -> Usage | None:
    """The usage so far, where the event says it."""
    if isinstance(event, DraftEvent):
        return event.draft.usage
    return event.usage if isinstance(event, SpentEvent) else None


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
        within_s = request.context.remaining_s() + GRACE_S
        leaving = Leaving(self._stop, lambda chunk: chunk.usage or chunk.spent, CountedCall())
        return stream(self._stream, self.name, request, within_s=within_s, leaving=leaving)

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
