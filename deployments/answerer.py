"""What the deployments that answer questions have in common."""

from collections.abc import AsyncIterator

from deployments.readiness import Ready
from genai.base.answerer import BaseAnswerer
from genai.messages import Draft, DraftStreamEvent, Question
from genai.streams import merge_tokens, ready_batches


class AnswererServer(Ready):
    """Hosts an answerer: the whole answer at once, or its events in the batches that are ready."""

    component: BaseAnswerer

    async def answer(self, question: Question) -> Draft:
        return await self.component.async_answer(question)

    async def stream(self, question: Question) -> AsyncIterator[list[DraftStreamEvent]]:
        async for events in ready_batches(self.component.async_stream(question)):
            yield merge_tokens(events)
