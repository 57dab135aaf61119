"""The interface of everything that answers questions: RAG, agents, the plain model, plans."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from genai.events import DraftEvent, DraftStreamEvent
from genai.messages import Draft, Question
from genai.streams import closing


class BaseAnswerer(ABC):
    """Answers questions. Raises what its models, tools and stores raise."""

    @abstractmethod
    def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        """Events in order; the last is a `DraftEvent`. Close the iterator to stop the work."""

    async def async_answer(self, question: Question) -> Draft:
        """The whole answer at once."""
        async with closing(self.async_stream(question)) as events:
            async for event in events:
                if isinstance(event, DraftEvent):
                    return event.draft
        raise AssertionError("a stream of events ended without its draft")
