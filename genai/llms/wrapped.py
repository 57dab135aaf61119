"""Base class of the decorators of models, such as retries, circuit breakers and fallbacks."""

from collections.abc import AsyncIterator

from genai.base.llm import BaseLLM
from genai.messages import ChatRequest, Chunk, Completion


class WrappedLLM(BaseLLM):
    """Delegates everything to ``inner``; subclasses override what they change."""

    def __init__(self, inner: BaseLLM) -> None:
        self.name = inner.name
        self.continues = inner.continues
        self.native_tools = inner.native_tools
        self.replaceable = inner.replaceable
        self._inner = inner

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await self._inner.async_chat(request)

    def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        return self._inner.async_stream(request)

    async def async_start(self) -> None:
        await self._inner.async_start()

    async def async_available(self) -> bool:
        return await self._inner.async_available()

    def running(self) -> int:
        return self._inner.running()

    async def async_check_health(self) -> None:
        await self._inner.async_check_health()

    async def async_check_alive(self) -> None:
        await self._inner.async_check_alive()

    async def async_close(self) -> None:
        await self._inner.async_close()
