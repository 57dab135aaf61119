from collections.abc import AsyncIterator

import pytest

from genai.base.answerer import BaseAnswerer
from genai.events import DraftEvent, DraftStreamEvent, TokenEvent
from genai.messages import Draft, Question
from tests.support.answering import question

DRAFT = Draft(text="It is 7.", route="chat", model="m")


class Streamed(BaseAnswerer):
    def __init__(self, *events: DraftStreamEvent) -> None:
        self.closed = False
        self._events = events

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        try:
            for event in self._events:
                yield event
        finally:
            self.closed = True


async def test_an_answer_is_the_draft_at_the_end_of_its_stream() -> None:
    answerer = Streamed(TokenEvent(text="It is 7."), DraftEvent(draft=DRAFT))

    assert await answerer.async_answer(question()) == DRAFT
    assert answerer.closed


async def test_a_stream_without_a_draft_is_a_fault_of_the_program() -> None:
    with pytest.raises(AssertionError):
        await Streamed(TokenEvent(text="It is 7.")).async_answer(question())
