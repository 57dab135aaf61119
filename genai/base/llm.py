"""The interface of language models, and of wrappers around them."""

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
    """Whether the model continues a trailing assistant message."""

    native_tools: bool = False
    """Whether agents pass their tools with the request and read native tool calls. All models accept
    tools, but those not trained for them do better with tools described in the prompt.
    """

    replaceable: bool = False
    """Whether a failed call may be repeated at once, because another process will take it."""

    @abstractmethod
    async def async_chat(self, request: ChatRequest) -> Completion:
        """The complete answer."""

    async def async_generate(self, prompt: str, request: ChatRequest) -> Completion:
        """Like `async_chat`, with ``prompt`` as the only message."""
        alone = (Message(role="user", content=prompt),)
        return await self.async_chat(request.model_copy(update={"messages": alone}))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """The answer in parts; the last has ``finish_reason`` and ``usage``.

        A model that cannot stream yields a single part. Close the iterator to stop the work.
        """
        whole = await self.async_chat(request)
        yield as_chunk(whole)

    async def async_start(self) -> None:
        """Load the model. Safe to call twice; the first request does it otherwise.

        Raises `Misconfigured` when the model cannot be loaded.
        """

    async def async_available(self) -> bool:
        """Whether the model can be used in this installation; without its key it cannot."""
        return True

    def running(self) -> int:
        """Calls in this process, including those that wait for their turn."""
        return 0

    async def async_check_health(self) -> None:
        """Raise `BackendFailed` when the model is broken and must be replaced."""

    async def async_check_alive(self) -> None:
        """Raise `BackendFailed` when the model cannot answer now. Cheap, without effects, within a
        second.
        """

    async def async_close(self) -> None:
        """Free the model's resources. Safe to call twice."""


class WrappedLLM(BaseLLM):
    """Base class of the decorators of models, such as retries, circuit breakers and fallbacks. Delegates
    everything to ``inner``; subclasses override what they change.
    """

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


class AdaptableLLM(BaseLLM):
    """A model that serves LoRA adapters without another copy of its weights."""

    @abstractmethod
    def with_adapter(self, name: str, source: str) -> BaseLLM:
        """The model with an adapter from a folder or registered version; the base model if ``source``
        is empty.

        The adapter is loaded by `async_start` or the first call. If that fails, `async_start` does not
        raise, the model is not available, and calls raise `ModelUnavailable`.
        """


def as_chunk(completion: Completion) -> Chunk:
    """A completion as a stream of one part."""
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
