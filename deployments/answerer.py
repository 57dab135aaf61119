"""Base of the deployments that answer questions: orchestrator, RAG and agent."""

from collections.abc import AsyncIterator
from functools import partial

from deployments.readiness import Ready
from deployments.stoppable import StoppableCalls
from genai.base.answerer import BaseAnswerer
from genai.events import DraftStreamEvent
from genai.messages import Draft, Question
from genai.streams import merge_tokens, ready_batches


class AnswererServer(Ready):
    """Hosts an answerer. `stream` yields events in batches, to save messages between processes."""

    component: BaseAnswerer

    def __init__(self) -> None:
        self._calls = StoppableCalls()

    async def answer(self, question: Question, call_id: str = "") -> Draft:
        return await self._calls.run(call_id, lambda: self.component.async_answer(question))

    async def stop(self, call_id: str) -> bool:
        """Stop a call; returns whether it was running here."""
        return self._calls.stop(call_id)

    async def stream(
        self, question: Question, call_id: str = ""
    ) -> AsyncIterator[list[DraftStreamEvent]]:
        events = self.component.async_stream(question)
        async for ready in ready_batches(events, run=partial(self._calls.run, call_id)):
            yield merge_tokens(ready)
