"""Applies ``max_tokens`` and stop words to models that do not support them."""

from collections.abc import AsyncIterator

from genai.base.llm import WrappedLLM, as_chunk
from genai.base.prompt import CHARACTERS_PER_TOKEN
from genai.llms.stop_words import StopWords
from genai.messages import ChatRequest, Chunk, Completion


class TokenLimitedLLM(WrappedLLM):
    """Cuts the text of a model at a stop word, or where ``max_tokens`` are used up by estimate.

    Streams yield a single part.
    """

    async def async_chat(self, request: ChatRequest) -> Completion:
        answer = await self._inner.async_chat(request)
        stop, room = StopWords(request.sampling.stop), request.sampling.max_tokens
        text = stop.feed(answer.text)
        text += stop.rest()
        cut = _cut(text, room)
        if cut != text:
            return answer.model_copy(update={"text": cut, "finish_reason": "length"})
        return answer.model_copy(update={"text": text})

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        yield as_chunk(await self.async_chat(request))


def _cut(text: str, tokens: int) -> str:
    return text.encode()[: int(tokens * CHARACTERS_PER_TOKEN)].decode(errors="ignore")
