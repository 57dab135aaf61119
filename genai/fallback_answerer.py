"""Answers in this process while the process for it is down."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from genai.base.answerer import BaseAnswerer
from genai.errors import BackendFailed
from genai.events import DraftStreamEvent
from genai.messages import Draft, Question, Usage
from genai.reliability.circuit import Circuit
from genai.reliability.liveness import Check, LivenessWatch
from genai.reliability.probe import Probe
from genai.replay import replayed
from genai.streams import closing

logger = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""Silence after which the liveness of the other process is checked."""

COOLDOWN_S = 2.0


class FallbackAnswerer(BaseAnswerer):
    """Asks ``first``, a proxy of another process. While that is down, asks an answerer built by ``build``.

    It counts as down when ``check`` raises during a silence, or a call raises ``lost``; other errors pass
    through. Both answerers give the same answers, so nothing is marked as degraded. A probe notices
    when the process is back.
    """

    def __init__(
        self,
        first: BaseAnswerer,
        build: Callable[[], BaseAnswerer],
        *,
        check: Check,
        lost: type[BackendFailed],
        patience_s: float = PATIENCE_S,
        circuit: Circuit | None = None,
    ) -> None:
        self._first = first
        self._build = build
        self._lost = lost
        self._watch = LivenessWatch(check, patience_s)
        self._circuit = circuit or Circuit(failures=1, cooldown_s=COOLDOWN_S)
        self._probe = Probe(self._circuit, check)
        self._building: asyncio.Task[BaseAnswerer] | None = None

    async def async_answer(self, question: Question) -> Draft:
        if self._probe.allows():
            try:
                draft = await self._watch.whole(self._first.async_answer(question))
            except self._lost:
                self._probe.fail()
            except BaseException:
                self._circuit.forget()
                raise
            else:
                self._circuit.succeed()
                return draft
        return await (await self._second()).async_answer(question)

    def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        """An answer that breaks off in the middle continues where it stopped."""

        def begin(spent: Usage) -> AsyncIterator[DraftStreamEvent]:
            context = question.context.less(spent.cost_micro_usd)
            return self._stream_once(question.model_copy(update={"context": context}))

        return replayed(begin, self._lost)

    async def _stream_once(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        if not self._probe.allows():
            answerer = await self._second()
            async with closing(answerer.async_stream(question)) as events:
                async for event in events:
                    yield event
            return
        try:
            async with closing(self._watch.each(self._first.async_stream(question))) as events:
                async for event in events:
                    self._circuit.succeed()
                    yield event
        except self._lost:
            self._probe.fail()
            raise
        except BaseException:
            self._circuit.forget()
            raise

    async def _second(self) -> BaseAnswerer:
        """Built once, in a thread. Cancelling a caller does not cancel the build."""
        if self._building is None:
            logger.warning("no replica answers; the component is built in this process")
            self._building = asyncio.create_task(asyncio.to_thread(self._build))
        try:
            return await asyncio.shield(self._building)
        except Exception:
            self._building = None  # the next one tries again
            raise
