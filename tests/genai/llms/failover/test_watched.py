import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed
from genai.llms.failover.chain import FallbackLLM
from genai.llms.failover.watched import WatchedLLM
from genai.llms.spent import note_spent
from genai.messages import ChatRequest, Chunk, Completion, Usage
from tests.support.language_models import FlakyLLM, chat_request, collect, text_of

PATIENCE_S = 0.02


class Silent(BaseLLM):
    """Says some words, and then nothing any more, until it is ``released``."""

    def __init__(self, *words: str, healthy: bool) -> None:
        self.name = "silent"
        self.asked = 0
        self.checked = asyncio.Event()
        self.released = asyncio.Event()
        self._words = words
        self._healthy = healthy

    def heal(self) -> None:
        self._healthy = True
        self.released.set()

    async def async_chat(self, request: ChatRequest) -> Completion:
        await self.released.wait()
        return Completion(text="at last", model=self.name)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for word in self._words:
            yield Chunk(text=word, model=self.name)
        await self.released.wait()
        yield Chunk(text="at last", model=self.name, finish_reason="stop")

    async def async_check_health(self) -> None:
        self.asked += 1
        self.checked.set()
        if not self._healthy:
            raise BackendFailed("nobody runs it")


async def test_an_unresponsive_model_has_failed() -> None:
    llm = WatchedLLM(Silent(healthy=False), PATIENCE_S)

    with pytest.raises(BackendFailed):
        await llm.async_chat(chat_request())
    with pytest.raises(BackendFailed):
        await collect(llm.async_stream(chat_request()))


async def test_a_dead_model_is_not_called_during_the_cooldown() -> None:
    inner = Silent(healthy=False)
    llm = WatchedLLM(inner, PATIENCE_S)

    for _ in range(3):
        with pytest.raises(BackendFailed):
            await llm.async_chat(chat_request())
        with pytest.raises(BackendFailed):
            await collect(llm.async_stream(chat_request()))

    assert inner.asked == 1


async def test_no_request_waits_for_the_probe_of_a_dead_model() -> None:
    inner = Silent(healthy=False)
    llm = WatchedLLM(inner, PATIENCE_S, cooldown_s=0.01)
    for _ in range(2):
        with pytest.raises(BackendFailed):
            await llm.async_chat(chat_request())
    inner.heal()
    inner.checked.clear()

    await asyncio.wait_for(inner.checked.wait(), 5)
    await asyncio.sleep(0)

    assert (await llm.async_chat(chat_request())).text == "at last"


async def test_a_closed_model_is_not_probed() -> None:
    llm = WatchedLLM(Silent(healthy=False), PATIENCE_S, cooldown_s=0.01)
    with pytest.raises(BackendFailed):
        await llm.async_chat(chat_request())

    await llm.async_close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_model_that_raises_an_error_is_called_again_at_once() -> None:
    llm = WatchedLLM(FlakyLLM(BackendFailed("broke"), "hello"), PATIENCE_S)

    with pytest.raises(BackendFailed):
        await llm.async_chat(chat_request())

    assert (await llm.async_chat(chat_request())).text == "hello"


async def test_a_healthy_model_may_take_its_time() -> None:
    inner = Silent(healthy=True)
    answer = asyncio.create_task(WatchedLLM(inner, PATIENCE_S).async_chat(chat_request()))
    await inner.checked.wait()
    inner.released.set()

    assert (await answer).text == "at last"


async def test_a_stalled_stream_is_continued_by_another_model() -> None:
    stalls = WatchedLLM(Silent("one ", "two ", healthy=False), PATIENCE_S)
    llm = FallbackLLM([stalls, FlakyLLM("three", name="second", continues=True)])

    chunks = await collect(llm.async_stream(chat_request()))

    assert text_of(chunks) == "one two three "


async def test_a_slow_consumer_does_not_count_as_an_unresponsive_model() -> None:
    inner = Silent("one ", "two ", healthy=False)
    inner.released.set()
    said = []

    async for chunk in WatchedLLM(inner, PATIENCE_S).async_stream(chat_request()):
        said.append(chunk.text)
        await asyncio.sleep(3 * PATIENCE_S)

    assert said == ["one ", "two ", "at last"]
    assert inner.asked == 0


async def test_a_caller_who_leaves_is_not_told_of_an_error() -> None:
    answer = asyncio.create_task(
        WatchedLLM(Silent(healthy=True), PATIENCE_S).async_chat(chat_request())
    )
    await asyncio.sleep(0)
    answer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await answer


class Paid(BaseLLM):
    """The first call hangs, and is looked for in vain; then the second one fails, which has a price."""

    name = "paid"

    def __init__(self) -> None:
        self.looks = self.calls = 0
        self.looked = asyncio.Event()

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.calls += 1
        if self.calls == 1:
            await asyncio.sleep(60)
        await self.looked.wait()
        error = BackendFailed("broken")
        note_spent(error, Usage(cost_micro_usd=5))
        raise error

    async def async_check_health(self) -> None:
        self.looks += 1
        self.looked.set()
        if self.looks == 1:
            raise BackendFailed("nobody runs it")


async def test_the_cost_of_a_call_is_reported_when_another_call_finds_the_model_dead() -> None:
    llm = WatchedLLM(Paid(), PATIENCE_S, cooldown_s=60.0)

    calls = [asyncio.create_task(llm.async_chat(chat_request())) for _ in range(2)]
    errors = await asyncio.gather(*calls, return_exceptions=True)

    assert [vars(error).get("spent") for error in errors] == [None, Usage(cost_micro_usd=5)]
    await llm.async_close()
