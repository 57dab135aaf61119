"""What an answer costs."""

from collections.abc import AsyncIterator

from genai.base.llm import BaseLLM
from genai.llms.resilient import WrappedLLM
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.settings import Price
from genai.streams import closing


class PricedLLM(WrappedLLM):
    """Fills in `Usage.cost_micro_usd`, rounded up to a whole millionth of a dollar."""

    def __init__(self, inner: BaseLLM, price: Price) -> None:
        super().__init__(inner)
        # A dollar per million tokens is a micro-dollar per token; kept in millionths of that.
        self._input = round(price.input * 1_000_000)
        self._output = round(price.output * 1_000_000)

    async def async_chat(self, request: ChatRequest) -> Completion:
        said = await self._inner.async_chat(request)
        return said.model_copy(update={"usage": self._priced(said.usage)})

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        async with closing(self._inner.async_stream(request)) as chunks:
            async for chunk in chunks:
                if chunk.usage is None:
                    yield chunk
                else:
                    yield chunk.model_copy(update={"usage": self._priced(chunk.usage)})

    def _priced(self, usage: Usage) -> Usage:
        exact = usage.prompt_tokens * self._input + usage.completion_tokens * self._output
        return usage.model_copy(update={"cost_micro_usd": -(-exact // 1_000_000)})
