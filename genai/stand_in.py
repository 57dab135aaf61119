"""Does the work of another process here, for the time in which nobody does it there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from genai.base.answerer import BaseAnswerer
from genai.errors import BackendFailed
from genai.messages import Draft, DraftStreamEvent, Question, Usage
from genai.reliability.circuit import Circuit
from genai.reliability.probe import Probe
from genai.reliability.watch import Check, Watch
from genai.replay import replayed
from genai.streams import closing

logger = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""Of silence, before it is checked whether anybody is there."""

COOLDOWN_S = 2.0


class StandIn(BaseAnswerer):
    """Asks ``first``, and one that it builds itself while nobody is there and for a moment after.

    ``first`` may start an answer anew when its process dies; what it raises in the end is another
    matter. Only what ``check`` finds out, or ``lost``, says that nobody is there. Neither the question
    nor the answer is told which of the two it was: they do the same.
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
        self._watch = Watch(check, patience_s)
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
        """An answer that is lost in the middle goes on where it stood."""

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
        """Built once, beside the event loop. Who waits for it may leave without ending it."""
        if self._building is None:
            logger.warning("nobody answers in another process, so it is done in this one")
            self._building = asyncio.create_task(asyncio.to_thread(self._build))
        try:
            return await asyncio.shield(self._building)
        except Exception:
            self._building = None  # the next one tries again
            raise
