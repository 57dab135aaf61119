from collections.abc import AsyncIterator

from genai.base.llm import BaseLLM
from genai.chat import ChatAnswerer
from genai.events import DraftEvent, SpentEvent, TokenEvent
from genai.llms.wrappers.priced import PricedLLM
from genai.messages import ChatRequest, Chunk, Completion, Turn, Usage
from genai.settings.models import Price
from tests.support.answering import question


class TwoChunks(BaseLLM):
    name = "two"

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.asked.append(request)
        return Completion(text="Good day", model="two", usage=Usage(completion_tokens=2))

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.asked.append(request)
        yield Chunk(text="Good ", model="two", degraded="the first model failed")
        yield Chunk(
            text="day", model="two", finish_reason="length", usage=Usage(completion_tokens=2)
        )


async def test_the_model_sees_the_instructions_the_history_and_the_question() -> None:
    llm = TwoChunks()
    earlier = (Turn(role="user", content="Hi"), Turn(role="assistant", content="Hello"))

    await ChatAnswerer(llm, "Be brief.").async_answer(question("And you?", history=earlier))

    said = [(message.role, message.content) for message in llm.asked[0].messages]
    assert said == [
        ("system", "Be brief."),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "And you?"),
    ]


async def test_a_streamed_draft_is_the_concatenation_of_its_tokens() -> None:
    events = [e async for e in ChatAnswerer(TwoChunks(), "").async_stream(question())]

    assert isinstance(events[-1], DraftEvent)
    draft = events[-1].draft
    assert draft.text == "".join(e.text for e in events if isinstance(e, TokenEvent)) == "Good day"
    assert (draft.finish_reason, draft.usage.completion_tokens) == ("length", 2)
    assert draft.degraded == "the first model failed"


async def test_a_stream_reports_its_usage_before_it_ends() -> None:
    llm = PricedLLM(TwoChunks(), Price(input=1.0, output=10.0))

    events = [e async for e in ChatAnswerer(llm, "").async_stream(question())]

    costs = [e.usage.cost_micro_usd for e in events if isinstance(e, SpentEvent)]
    assert len(costs) == 2
    assert 0 < costs[0] < costs[1]
