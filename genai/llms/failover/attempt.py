"""One model's part of a streamed answer, appended to what was sent before."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal

from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_tokens
from genai.errors import BackendFailed, CircuitOpen, Misconfigured, Overloaded
from genai.llms.failover.watched import WatchedLLM
from genai.messages import ChatRequest, Chunk, Citation, Message, ToolCallDelta, Usage
from genai.streams import closing

Way = Literal["ask", "continue", "repeat", "restart"]

FALLS_BACK = (BackendFailed, Overloaded, CircuitOpen, Misconfigured)
"""Errors after which another model may continue the answer."""


class Contradiction(BackendFailed):
    """A repeated answer differs from what was sent."""


@dataclass(frozen=True, slots=True)
class NextModel:
    """Which model goes on, and how. ``patient``: wait for it until the deadline, because no other can."""

    link: BaseLLM
    way: Way
    patient: bool = False

    @property
    def asked(self) -> BaseLLM:
        watched = isinstance(self.link, WatchedLLM) and self.patient
        return self.link.unwatched if watched else self.link  # type: ignore[attr-defined]


@dataclass(slots=True)
class Sent:
    """What the caller has received. ``counted`` are its tokens, where the model counts them."""

    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    counted: int = 0

    @property
    def tokens(self) -> int:
        return self.counted or estimate_tokens(self.text)

    def __bool__(self) -> bool:
        return bool(self.text or self.citations)


class Attempt:
    """One model's part of an answer. ``spent`` is its latest known usage."""

    def __init__(self, turn: NextModel, sent: Sent) -> None:
        self.spent = Usage()
        self._turn = turn
        self._sent = sent
        self._said = len(sent.text)
        self._left_out = Sent(sent.text, list(sent.citations)) if turn.way == "repeat" else Sent()
        self._before = sent.tokens if turn.way == "continue" else 0
        self._held: list[ToolCallDelta] = []
        self._ended = False

    @property
    def restarts(self) -> bool:
        return self._turn.way == "restart" and bool(self._sent)

    @property
    def sent_more(self) -> bool:
        return len(self._sent.text) > self._said

    def restart(self) -> Chunk:
        """Void what was sent so far."""
        self._sent.text, self._sent.citations, self._sent.counted = "", [], 0
        self._said = 0
        return Chunk(model=self._turn.link.name, restarted=True)

    async def chunks(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        asked = _continued(request, self._sent) if self._turn.way == "continue" else request
        try:
            async with closing(self._turn.asked.async_stream(asked)) as chunks:
                async for chunk in chunks:
                    self.spent = chunk.usage or chunk.spent or self.spent
                    if (new := self._new(chunk)) is not None:
                        self._count(new)
                        yield new
        except FALLS_BACK:
            if not self._ended:
                raise
        if not self._ended:
            raise BackendFailed("the model's answer broke off")

    def _count(self, chunk: Chunk) -> None:
        sent = self._sent
        sent.text += chunk.text
        sent.citations += chunk.citations
        if chunk.text:
            counted = chunk.spent.completion_tokens if chunk.spent else 0
            sent.counted = counted and self._before + counted
        self._ended = chunk.finish_reason is not None

    def _new(self, chunk: Chunk) -> Chunk | None:
        """The chunk without the repeated part. Tool calls come once they are complete."""
        if not (self._left_out or chunk.tool_calls or self._held):
            return chunk
        self._held += chunk.tool_calls
        last = chunk.finish_reason is not None
        new = chunk.model_copy(
            update={
                "text": self._without_said(chunk.text),
                "citations": self._without_cited(chunk.citations),
                "tool_calls": tuple(self._held) if last else (),
            }
        )
        if last and self._left_out:
            raise _differs()
        return new if last or new.text or new.citations or new.spent else None

    def _without_said(self, text: str) -> str:
        known = self._left_out.text[: len(text)]
        if not text.startswith(known):
            raise _differs()
        self._left_out.text = self._left_out.text[len(known) :]
        return text[len(known) :]

    def _without_cited(self, citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
        known = self._left_out.citations[: len(citations)]
        if list(citations[: len(known)]) != known:
            raise _differs()
        del self._left_out.citations[: len(known)]
        return citations[len(known) :]


def _differs() -> Contradiction:
    return Contradiction("the model's answer broke off", False)


def _continued(request: ChatRequest, sent: Sent) -> ChatRequest:
    """The request for the rest of an answer, within the remaining tokens."""
    begun = Message(role="assistant", content=sent.text)
    left = max(1, request.sampling.max_tokens - sent.tokens)
    sampling = request.sampling.model_copy(update={"max_tokens": left})
    return request.model_copy(update={"messages": (*request.messages, begun), "sampling": sampling})
