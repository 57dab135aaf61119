import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed
from genai.llms.spent import noted
from genai.llms.wrappers.hedged import HedgedLLM
from genai.messages import ChatRequest, Chunk, Completion, Usage
from genai.reliability.retry_budget import RetryBudget
from tests.support.answering import context
from tests.support.language_models import chat_request, collect, text_of

SOON_S = 0.01
LATE_S = 30.0


class Paced(BaseLLM):
    """Takes the next of its times for each answer, which is the number of the call."""

    def __init__(self, *seconds: float, fails: bool = False) -> None:
        self.name = "paced"
        self.asked = 0
        self.left = 0
        self._seconds = list(seconds)
        self._fails = fails

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.asked += 1
        number = self.asked
        try:
            await asyncio.sleep(self._seconds[number - 1])
        except asyncio.CancelledError:
            self.left += 1
            raise
        if self._fails:
            raise BackendFailed("down")
        return Completion(
            text=str(number), model=self.name, usage=Usage(prompt_tokens=5, completion_tokens=1)
        )

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        said = await self.async_chat(request)
        yield Chunk(text=said.text, model=self.name)
        yield Chunk(model=self.name, finish_reason="stop", usage=said.usage)


def hedged(inner: BaseLLM, share: float = 0.1) -> HedgedLLM:
    return HedgedLLM(inner, after_s=SOON_S, budget=RetryBudget(share))


async def test_the_second_call_answers_when_the_first_is_late() -> None:
    inner = Paced(LATE_S, 0.0)

    assert (await hedged(inner).async_chat(chat_request())).text == "2"
    await asyncio.sleep(0)
    assert inner.left == 1


async def test_a_stream_is_the_one_whose_first_part_came_first() -> None:
    inner = Paced(LATE_S, 0.0)

    assert text_of(await collect(hedged(inner).async_stream(chat_request()))) == "2"


async def test_a_quick_answer_is_asked_for_once() -> None:
    inner = Paced(0.0)

    said = await hedged(inner).async_chat(chat_request())

    assert (said.text, said.usage.prompt_tokens, inner.asked) == ("1", 5, 1)


async def test_the_prompt_of_the_call_that_lost_is_charged() -> None:
    whole = await hedged(Paced(LATE_S, 0.0)).async_chat(chat_request())
    chunks = await collect(hedged(Paced(LATE_S, 0.0)).async_stream(chat_request()))

    assert chunks[-1].usage == whole.usage
    assert whole.usage.prompt_tokens > 5


class Telling(Paced):
    """Knows what it had made when it is cut off."""

    async def async_chat(self, request: ChatRequest) -> Completion:
        with noted(Usage(prompt_tokens=5, completion_tokens=70)):
            return await super().async_chat(request)


async def test_what_the_call_that_lost_had_made_is_charged_if_it_says_so() -> None:
    said = await hedged(Telling(LATE_S, 0.0)).async_chat(chat_request())

    assert said.usage == Usage(prompt_tokens=10, completion_tokens=71)


async def test_nothing_is_asked_twice_where_money_is_limited() -> None:
    inner = Paced(5 * SOON_S, 0.0)
    limited = context().model_copy(update={"allowance_micro_usd": 100})

    assert (await hedged(inner).async_chat(chat_request(context=limited))).text == "1"


async def test_second_calls_stay_within_the_budget_of_repeats() -> None:
    inner = Paced(*[2 * SOON_S] * 40)
    llm = hedged(inner)

    for _ in range(10):
        await llm.async_chat(chat_request())

    assert inner.asked <= 12


async def test_an_error_counts_once_both_have_failed() -> None:
    inner = Paced(2 * SOON_S, 0.0, fails=True)

    with pytest.raises(BackendFailed):
        await hedged(inner).async_chat(chat_request())
    assert inner.asked == 2
