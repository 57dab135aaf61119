"""Answers with a fixed reply."""

from collections.abc import AsyncIterator

from genai.base.answerer import BaseAnswerer
from genai.base.prompt import estimate_tokens
from genai.events import DraftEvent, DraftStreamEvent, TokenEvent
from genai.messages import Draft, FinishReason, Question

MODEL = "configured_reply"
"""The value of ``model`` for fixed replies."""


class FixedReply(BaseAnswerer):
    """Answers every question with one text. Costs nothing."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        text = _within(self._text, question.sampling.max_tokens)
        reason: FinishReason = "stop" if text == self._text else "length"
        yield TokenEvent(text=text)
        yield DraftEvent(draft=Draft(text=text, route="chat", model=MODEL, finish_reason=reason))


def _within(text: str, max_tokens: int) -> str:
    """As many words as fit, and at least one."""
    words = text.split(" ")
    while len(words) > 1 and estimate_tokens(" ".join(words)) > max_tokens:
        words.pop()
    return " ".join(words)
