from collections.abc import AsyncIterator

from genai.base.llm import BaseLLM, WrappedLLM
from genai.messages import (
    ChatRequest,
    Chunk,
    Citation,
    Completion,
    Message,
    Sampling,
    ToolCall,
    Usage,
)
from tests.support.answering import context

SAID = Completion(
    text="It is 7.",
    model="m",
    finish_reason="length",
    tool_calls=(ToolCall(id="1", name="a", arguments="{}"), ToolCall(id="2", name="b", arguments="")),
    citations=(Citation(document_id="d", title="D", quote="7"),),
    usage=Usage(prompt_tokens=3),
    degraded="slow",
)  # fmt: skip


class Model(BaseLLM):
    """Notes each call of its methods."""

    name = "m"
    continues = native_tools = replaceable = True

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []
        self.called: list[str] = []

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.requests.append(request)
        return SAID

    async def async_start(self) -> None:
        self.called.append("start")

    async def async_available(self) -> bool:
        return False

    def running(self) -> int:
        return 3

    async def async_check_health(self) -> None:
        self.called.append("health")

    async def async_check_alive(self) -> None:
        self.called.append("alive")

    async def async_close(self) -> None:
        self.called.append("close")


def request() -> ChatRequest:
    earlier = Message(role="system", content="Be brief.")
    return ChatRequest(messages=(earlier,), context=context(), sampling=Sampling(max_tokens=9))


async def all_of(chunks: AsyncIterator[Chunk]) -> list[Chunk]:
    return [chunk async for chunk in chunks]


async def test_a_prompt_is_the_only_message() -> None:
    model = Model()

    assert await model.async_generate("Why?", request()) == SAID
    [asked] = model.requests
    assert asked.messages == (Message(role="user", content="Why?"),)
    assert asked.sampling.max_tokens == 9


async def test_a_model_that_cannot_stream_says_everything_in_one_part() -> None:
    [chunk] = await all_of(Model().async_stream(request()))

    assert (chunk.text, chunk.model, chunk.finish_reason) == (SAID.text, "m", "length")
    assert (chunk.usage, chunk.citations, chunk.degraded) == (SAID.usage, SAID.citations, "slow")
    assert [(call.index, call.id, call.name) for call in chunk.tool_calls] == [
        (0, "1", "a"),
        (1, "2", "b"),
    ]


async def test_a_wrapper_leaves_everything_to_its_model() -> None:
    model = Model()
    wrapper = WrappedLLM(model)

    assert await wrapper.async_chat(request()) == SAID
    assert await all_of(wrapper.async_stream(request())) == await all_of(
        model.async_stream(request())
    )
    assert not await wrapper.async_available()
    assert wrapper.running() == 3
    await wrapper.async_start()
    await wrapper.async_check_health()
    await wrapper.async_check_alive()
    await wrapper.async_close()
    assert model.called == ["start", "health", "alive", "close"]
    for name in ("name", "continues", "native_tools", "replaceable"):
        assert getattr(wrapper, name) == getattr(model, name), name
