"""Base of the deployments that answer questions: orchestrator, RAG and agent."""

from collections.abc import AsyncIterator

from deployments.readiness import Ready
from genai.base.answerer import BaseAnswerer
from genai.events import DraftStreamEvent
from genai.messages import Draft, Question
from genai.streams import merge_tokens, ready_batches


class AnswererServer(Ready):
    """Hosts an answerer. `stream` yields events in batches, to save messages between processes."""

    component: BaseAnswerer

    async def answer(self, question: Question) -> Draft:
        return await self.component.async_answer(question)

    async def stream(self, question: Question) -> AsyncIterator[list[DraftStreamEvent]]:
        async for events in ready_batches(self.component.async_stream(question)):
            yield merge_tokens(events)
