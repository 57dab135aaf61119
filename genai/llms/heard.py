"""What a model has said so far, and what that comes to."""

from collections.abc import AsyncIterator

from genai.base.prompt import CHARACTERS_PER_TOKEN, estimate_message_tokens
from genai.llms.shaping import joined
from genai.llms.spent import ENDINGS, set_spent, spent_by, was_cut_off
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.streams import closing


class Heard:
    """The usage so far of a model that tells it only at the end: its prompt, and what it said.

    A part of a stream is at least a token, and mostly just one. Long texts of few tokens are not
    counted as more than the model was allowed to make.
    """

    def __init__(self, request: ChatRequest) -> None:
        self._prompt = estimate_message_tokens(request.messages)
        self._most = request.sampling.max_tokens
        self._parts = self._bytes = 0

    def take(self, chunk: Chunk) -> Usage:
        said = chunk.text + "".join(call.arguments for call in chunk.tool_calls)
        self._parts += bool(said)
        self._bytes += len(said.encode(errors="replace"))
        return self.usage()

    def usage(self) -> Usage:
        tokens = max(self._parts, int(self._bytes / CHARACTERS_PER_TOKEN))
        return Usage(prompt_tokens=self._prompt, completion_tokens=min(tokens, self._most))


async def collected(chunks: AsyncIterator[Chunk], request: ChatRequest, model: str) -> Completion:
    """The answer whose parts these are. Whatever ends it too early says what had been used until then:
    nothing, when the model failed before its first word.
    """
    heard, parts = Heard(request), list[Chunk]()
    used: Usage | None = None
    try:
        async with closing(chunks) as source:
            async for chunk in source:
                parts.append(chunk)
                used = chunk.usage or chunk.spent or heard.take(chunk)
    except ENDINGS as error:
        began = used or (heard.usage() if was_cut_off(error) else Usage())
        set_spent(error, spent_by(error) or began)
        raise
    return joined(parts, model=model, usage=used or heard.usage())
