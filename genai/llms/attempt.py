"""One model's part of a streamed answer, added to what the caller has been told before."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal

from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_tokens
from genai.errors import BackendFailed, CircuitOpen, Misconfigured, Overloaded
from genai.llms.watched import WatchedLLM
from genai.messages import ChatRequest, Chunk, Citation, Message, ToolCallDelta, Usage
from genai.streams import closing

Way = Literal["afresh", "on", "again", "anew"]

FALLS_BACK = (BackendFailed, Overloaded, CircuitOpen, Misconfigured)
"""What breaks an answer. Another model may go on."""


class SaidOtherwise(BackendFailed):
    """A model that was asked again began with other words than before."""


@dataclass(frozen=True, slots=True)
class Turn:
    """``patient`` waits for the link until the deadline, because nobody else can go on."""

    link: BaseLLM
    way: Way
    patient: bool = False

    @property
    def asked(self) -> BaseLLM:
        watched = isinstance(self.link, WatchedLLM) and self.patient
        return self.link.unwatched if watched else self.link  # type: ignore[attr-defined]


@dataclass(slots=True)
class Told:
    """What the caller has been told. ``counted`` are its tokens where the model counts them."""

    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    counted: int = 0

    @property
    def tokens(self) -> int:
        return self.counted or estimate_tokens(self.text)

    def __bool__(self) -> bool:
        return bool(self.text or self.citations)


class Attempt:
    """One model's part of an answer. ``spent`` is what it had cost when it was last heard."""

    def __init__(self, turn: Turn, told: Told) -> None:
        self.spent = Usage()
        self._turn = turn
        self._told = told
        self._said = len(told.text)
        self._left_out = Told(told.text, list(told.citations)) if turn.way == "again" else Told()
        self._before = told.tokens if turn.way == "on" else 0
        self._held: list[ToolCallDelta] = []
        self._ended = False

    @property
    def restarts(self) -> bool:
        return self._turn.way == "anew" and bool(self._told)

    @property
    def said_more(self) -> bool:
        return len(self._told.text) > self._said

    def restart(self) -> Chunk:
        """Void what was told."""
        self._told.text, self._told.citations, self._told.counted = "", [], 0
        self._said = 0
        return Chunk(model=self._turn.link.name, restarted=True)

    async def chunks(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        asked = _continued(request, self._told) if self._turn.way == "on" else request
        try:
            async with closing(self._turn.asked.async_stream(asked)) as chunks:
                async for chunk in chunks:
                    self.spent = chunk.usage or chunk.spent or self.spent
                    if (new := self._new(chunk)) is not None:
                        self._tell(new)
                        yield new
        except FALLS_BACK:
            if not self._ended:
                raise
        if not self._ended:
            raise BackendFailed("the model's answer broke off")

    def _tell(self, chunk: Chunk) -> None:
        told = self._told
        told.text += chunk.text
        told.citations += chunk.citations
        if chunk.text:
            counted = chunk.spent.completion_tokens if chunk.spent else 0
            told.counted = counted and self._before + counted
        self._ended = chunk.finish_reason is not None

    def _new(self, chunk: Chunk) -> Chunk | None:
        """The chunk without what was said before, and with the tool calls once they are whole."""
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


def _differs() -> SaidOtherwise:
    return SaidOtherwise("the model's answer broke off", False)


def _continued(request: ChatRequest, told: Told) -> ChatRequest:
    """Asks for the rest of an answer, which may be as long as the whole might have become."""
    begun = Message(role="assistant", content=told.text)
    left = max(1, request.sampling.max_tokens - told.tokens)
    sampling = request.sampling.model_copy(update={"max_tokens": left})
    return request.model_copy(update={"messages": (*request.messages, begun), "sampling": sampling})
