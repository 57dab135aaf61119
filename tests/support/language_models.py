"""Requests to models, and models that fail on purpose."""

from collections.abc import AsyncIterator, Sequence

from genai.base.llm import BaseLLM
from genai.errors import GenAIError
from genai.messages import ChatRequest, Chunk, Completion, Message, RequestContext, Usage
from tests.support.answering import context


def chat_request(
    text: str = "hello big world", *, context: RequestContext | None = None, **fields: object
) -> ChatRequest:
    alone = (Message(role="user", content=text),)
    known = {"messages": alone, "context": context or _context(), **fields}
    return ChatRequest.model_validate(known)


def _context() -> RequestContext:
    return context()


async def collect(chunks: AsyncIterator[Chunk]) -> list[Chunk]:
    return [chunk async for chunk in chunks]


async def collect_until_error(chunks: AsyncIterator[Chunk]) -> tuple[list[Chunk], GenAIError]:
    """The text of a stream before its error, and the error."""
    said: list[Chunk] = []
    try:
        async for chunk in chunks:
            said += [chunk]
    except GenAIError as error:
        return said, error
    raise AssertionError("the stream did not fail")


def text_of(chunks: Sequence[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


class FlakyLLM(BaseLLM):
    """Returns its outcomes in order: raises an error, or answers with a text word by word.

    In a stream, the outcome ``("some words", error)`` yields the words and then fails.
    """

    def __init__(
        self,
        *outcomes: str | GenAIError | tuple[str, GenAIError],
        name: str = "flaky",
        continues: bool = False,
    ) -> None:
        self.name = name
        self.continues = continues
        self.requests: list[ChatRequest] = []
        self.closed = 0
        self._outcomes = list(outcomes)

    async def async_chat(self, request: ChatRequest) -> Completion:
        outcome = self._next(request)
        if isinstance(outcome, GenAIError):
            raise outcome
        if isinstance(outcome, tuple):
            raise outcome[1]
        return Completion(text=outcome, model=self.name, usage=Usage(completion_tokens=1))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        outcome = self._next(request)
        said, error = outcome if isinstance(outcome, tuple) else (outcome, None)
        try:
            if isinstance(said, GenAIError):
                raise said
            for word in said.split():
                yield Chunk(text=f"{word} ", model=self.name)
            if error is not None:
                raise error
            yield Chunk(model=self.name, finish_reason="stop", usage=Usage(completion_tokens=1))
        finally:
            self.closed += 1

    def _next(self, request: ChatRequest) -> str | GenAIError | tuple[str, GenAIError]:
        self.requests.append(request)
        return self._outcomes.pop(0)
