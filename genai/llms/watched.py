"""Does not wait for a model that is not there."""

from collections.abc import AsyncIterator

from genai.base.llm import BaseLLM
from genai.llms.wrapped import WrappedLLM
from genai.messages import ChatRequest, Chunk, Completion
from genai.reliability.watch import Watch


class WatchedLLM(WrappedLLM):
    """For a model of another process that others can stand in for."""

    def __init__(self, inner: BaseLLM, patience_s: float) -> None:
        super().__init__(inner)
        self.unwatched = inner
        self._watch = Watch(inner.async_check_health, patience_s)

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await self._watch.whole(self._inner.async_chat(request))

    def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        return self._watch.each(self._inner.async_stream(request))
