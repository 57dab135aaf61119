"""The interface of every language model, and of everything that wraps one."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from genai.messages import ChatRequest, Chunk, Completion, Message, ToolCallDelta


class BaseLLM(ABC):
    """Turns messages into text.

    Raised by every method: `BackendFailed` when the model failed, `Overloaded` when it is too busy,
    `DeadlineExceeded` when ``request.context.deadline`` passed, `InvalidInput` when the request asks
    for what this model cannot do. Vendor errors never come through.

    Calls are independent of each other and have no effect outside the model, so repeating one is
    safe, but is billed again. Cancelling a call stops the work behind it.
    """

    name: str
    """The name that answers carry in their ``model`` field."""

    continues: bool = False
    """Whether a request that ends with an assistant message gets the rest of that message."""

    native_tools: bool = False
    """Whether agents hand their tools over with a request, and read the calls that come back. Every
    model takes tools, but one that was not trained to use them does better when it is told how.
    """

    replaceable: bool = False
    """Whether a call that broke off may be made again at once, because another process takes it."""

    @abstractmethod
    async def async_chat(self, request: ChatRequest) -> Completion:
        """The whole answer at once."""

    async def async_generate(self, prompt: str, request: ChatRequest) -> Completion:
        """Like `async_chat`, with ``prompt`` as the only message."""
        alone = (Message(role="user", content=prompt),)
        return await self.async_chat(request.model_copy(update={"messages": alone}))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """The answer in parts, in order; the last has ``finish_reason`` and ``usage``.

        A model that cannot stream yields a single part. Close the iterator to stop the work.
        """
        whole = await self.async_chat(request)
        yield as_chunk(whole)

    async def async_start(self) -> None:
        """Load what is slow to load. Safe to call twice; the first call of a model does it too.

        Raises `Misconfigured` when the model cannot be loaded.
        """

    async def async_available(self) -> bool:
        """Whether it can be asked in this installation; a model without its key cannot."""
        return True

    def running(self) -> int:
        """Calls that this process works on, those that wait for their turn included."""
        return 0

    async def async_check_health(self) -> None:
        """Raise `BackendFailed` when the model can no longer answer and must be replaced."""

    async def async_check_alive(self) -> None:
        """Raise `BackendFailed` when nothing can be expected of the model now. Does nothing else, and
        answers within a second."""

    async def async_close(self) -> None:
        """Free what the model holds. Safe to call twice."""


class AdaptableLLM(BaseLLM):
    """A model that serves LoRA adapters beside itself, without another copy of its weights."""

    @abstractmethod
    def with_adapter(self, name: str, source: str) -> BaseLLM:
        """The model with the adapter of this folder or registered version; alone when it is empty.

        The adapter is loaded by `async_start` or the first call. Where it cannot be loaded nothing is
        raised by the former, it is not available, and calls raise `ModelUnavailable`.
        """


def as_chunk(completion: Completion) -> Chunk:
    """A whole completion as the only part of a stream."""
    return Chunk(
        text=completion.text,
        model=completion.model,
        tool_calls=tuple(
            ToolCallDelta(index=index, id=call.id, name=call.name, arguments=call.arguments)
            for index, call in enumerate(completion.tool_calls)
        ),
        citations=completion.citations,
        finish_reason=completion.finish_reason,
        usage=completion.usage,
        degraded=completion.degraded,
    )
