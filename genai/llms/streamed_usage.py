"""Estimates the usage of a streamed answer, and collects its chunks."""

from collections.abc import AsyncIterator

from genai.base.prompt import CHARACTERS_PER_TOKEN, estimate_message_tokens
from genai.llms.shaping import joined
from genai.llms.spent import ENDINGS, set_spent, spent_by, was_cut_off
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.streams import closing


class StreamedUsage:
    """The usage so far of a stream whose model may report it only at the end.

    Without a report, it is the estimated prompt, and at least one token for each part; texts longer than
    that are estimated by their length, up to ``max_tokens``.
    """

    def __init__(self, request: ChatRequest) -> None:
        self._prompt = estimate_message_tokens(request.messages)
        self._most = request.sampling.max_tokens
        self._parts = self._bytes = 0

    def after(self, chunk: Chunk) -> Usage:
        """The usage including ``chunk``: as it reports, or estimated."""
        return chunk.usage or chunk.spent or self._add(chunk)

    def _add(self, chunk: Chunk) -> Usage:
        text = chunk.text + "".join(call.arguments for call in chunk.tool_calls)
        self._parts += bool(text)
        self._bytes += len(text.encode(errors="replace"))
        return self.estimate()

    def estimate(self) -> Usage:
        tokens = max(self._parts, int(self._bytes / CHARACTERS_PER_TOKEN))
        return Usage(prompt_tokens=self._prompt, completion_tokens=min(tokens, self._most))


async def collected(chunks: AsyncIterator[Chunk], request: ChatRequest, model: str) -> Completion:
    """The complete answer of a stream. An error or cancellation carries the usage so far, which is none if
    the model failed before the first chunk.
    """
    usage, parts = StreamedUsage(request), list[Chunk]()
    used: Usage | None = None
    try:
        async with closing(chunks) as source:
            async for chunk in source:
                parts.append(chunk)
                used = usage.after(chunk)
    except ENDINGS as error:
        begun = used or (usage.estimate() if was_cut_off(error) else Usage())
        set_spent(error, spent_by(error) or begun)
        raise
    return joined(parts, model=model, usage=used or usage.estimate())
