"""Whoever leaves an answer that other deployments make is charged what their models billed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.answerer import AnswererServer
from deployments.llm import LLMServer
from deployments.remote import RemoteAnswerer, RemoteLLM
from deployments.stoppable import StoppableCalls
from genai.assistant import Assistant
from genai.base.answerer import BaseAnswerer
from genai.base.llm import BaseLLM
from genai.base.prompt import estimate_message_tokens
from genai.chat import ChatAnswerer
from genai.errors import BackendFailed
from genai.events import DraftEvent, DraftStreamEvent, SpentEvent, StepEvent, TokenEvent
from genai.llms.spending import CountedLLM, spending
from genai.llms.spent import spent_by
from genai.llms.streamed_usage import collected
from genai.memory.connection import connect
from genai.messages import (
    Bill,
    ChatRequest,
    Chunk,
    Completion,
    Draft,
    Message,
    Question,
    Step,
    Usage,
)
from genai.reliability.liveness import NOT_ALIVE
from genai.settings.state import RedisSettings
from tests.support.answering import WordGuard, question
from tests.support.language_models import chat_request
from tests.support.redis_server import redis_socket
from tests.support.served import Served
from tests.support.services import FakeMemory
from tests.support.two_ingresses import PATIENCE_S, TwoIngresses, left
from tests.support.whole_app import Loop, running_loop

__all__ = ["redis_socket"]

PRICE = 3
WORDS = 8


class Billed(BaseLLM):
    """Bills the prompt when it is asked, and each word that it makes."""

    name = "m"

    def __init__(self) -> None:
        self.bill = 0
        self.asked = asyncio.Event()
        self.turns = 1
        self.stuck = False

    async def async_chat(self, request: ChatRequest) -> Completion:
        return await collected(self.async_stream(request), request, self.name)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        prompt = estimate_message_tokens(request.messages)
        self.bill += prompt * PRICE
        yield Chunk(model="m", spent=used(prompt, 0))
        self.asked.set()
        if self.stuck:
            await self._hang()
        for made in range(1, WORDS + 1):
            for _ in range(self.turns):
                await asyncio.sleep(0)
            self.bill += PRICE
            yield Chunk(model="m", text="word ", spent=used(prompt, made))
        yield Chunk(model="m", finish_reason="stop", usage=used(prompt, WORDS))

    async def _hang(self) -> None:
        """Does not even hear that it is cancelled."""
        while self.stuck:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue


def used(prompt: int, completion: int) -> Usage:
    cost = (prompt + completion) * PRICE
    tokens = {"prompt_tokens": prompt, "completion_tokens": completion}
    bill = Bill(model="m", cost_micro_usd=cost, **tokens)
    return Usage(**tokens, cost_micro_usd=cost, bills=(bill,))


class Models(LLMServer):
    def __init__(self, llm: BaseLLM) -> None:
        self._llms = {"m": llm}
        self._calls = StoppableCalls()


class Answerer(AnswererServer):
    def __init__(self, component: BaseAnswerer) -> None:
        super().__init__()
        self.component = component


class Steps(BaseAnswerer):
    """Asks the model several times, like an agent, or at once, like a plan."""

    def __init__(self, llm: BaseLLM, *, at_once: bool) -> None:
        self._llm = llm
        self._at_once = at_once

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        said = Message(role="user", content=question.text)
        request = ChatRequest(messages=(said,), context=question.context)
        if self._at_once:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(self._llm.async_chat(request)) for _ in range(3)]
            done = [task.result() for task in asked]
        else:
            done = []
            for _ in range(3):
                done.append(await self._llm.async_chat(request))
                yield SpentEvent(usage=sum((each.usage for each in done), Usage()))
                yield StepEvent(step=Step(tool="sql", arguments="{}", observation="1", seconds=0.0))
        usage = sum((each.usage for each in done), Usage())
        yield TokenEvent(text="done")
        yield DraftEvent(draft=Draft(text="done", route="agent", model="m", usage=usage))


class Again(BaseAnswerer):
    """Asks a first answerer, and then a second one, like the orchestrator after an agent found nothing."""

    def __init__(self, first: BaseAnswerer, second: BaseAnswerer) -> None:
        self._first = first
        self._second = second

    async def async_answer(self, question: Question) -> Draft:
        first = await self._first.async_answer(question)
        second = await self._second.async_answer(question)
        return second.model_copy(update={"usage": first.usage + second.usage})

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        yield DraftEvent(draft=await self.async_answer(question))


def remote(answerer: BaseAnswerer, hops: int) -> BaseAnswerer:
    handle = Served(Answerer(answerer), hops=hops)
    return RemoteAnswerer(handle, stops_within_s=PATIENCE_S)  # type: ignore[arg-type]


def orchestrator(way: str, llm: BaseLLM, hops: int) -> BaseAnswerer:
    """The orchestrator in a deployment of its own; so are agent and models."""
    served = Served(Models(llm), hops=hops)
    model = CountedLLM(RemoteLLM(served, "m", continues=False, stops_within_s=PATIENCE_S))  # type: ignore[arg-type]
    chat = ChatAnswerer(model, "Be brief.")
    agent = remote(Steps(model, at_once=way == "at once"), hops)
    return remote({"chat": chat, "again": Again(agent, chat)}.get(way, agent), hops)


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    with running_loop() as loop:
        yield loop


ways = st.sampled_from(["chat", "steps", "at once", "again"])


@given(ways, st.booleans(), st.integers(0, 250), st.integers(1, 4), st.integers(1, 9))
@settings(max_examples=120, deadline=None)
def test_whenever_somebody_leaves_the_ledger_is_the_bill(
    loop: Loop, redis_socket: Path, way: str, stream: bool, after: int, hops: int, turns: int
) -> None:
    left_at = leave(redis_socket, way, after, hops, turns, stream=stream)
    loop.run(left_at, within_s=4 * PATIENCE_S)


async def leave(socket: Path, way: str, after: int, hops: int, turns: int, *, stream: bool) -> None:
    client = connect(RedisSettings(embedded_socket=str(socket), timeout_s=30.0), environ={})
    await client.flushall()
    llm = Billed()
    llm.turns = turns
    two = TwoIngresses(client)
    services = two.replicas[0].fakes
    answerer = orchestrator(way, llm, hops)
    services.assistant = Assistant(WordGuard(), answerer, FakeMemory(), history_tokens=100)  # type: ignore[assignment]
    exchange = two.replicas[0].rebuilt().ask(key=None, stream=stream)
    if after % 2:
        waiting = asyncio.create_task(llm.asked.wait())
        await asyncio.wait([waiting, exchange.task], return_when=asyncio.FIRST_COMPLETED)
    for _ in range(after // 2):
        await asyncio.sleep(0)
    await left(exchange)

    assert await two.charged() == llm.bill
    await two.close()
    await client.aclose()


async def test_nothing_is_added_to_the_normal_path() -> None:
    llm = Billed()
    answer = await orchestrator("again", llm, 1).async_answer(question())

    assert answer.usage.cost_micro_usd == llm.bill


async def asked(llm: Billed, stops_within_s: float = PATIENCE_S) -> asyncio.Task[Completion]:
    served = Served(Models(llm))
    model = RemoteLLM(served, "m", continues=False, stops_within_s=stops_within_s)  # type: ignore[arg-type]
    asking = asyncio.create_task(model.async_chat(chat_request()))
    await llm.asked.wait()
    return asking


async def test_a_model_that_does_not_stop_in_time_leaves_its_usage_unknown() -> None:
    llm = Billed()
    llm.stuck = True
    asking = await asked(llm, stops_within_s=0.05)
    with spending() as spent:
        asking.cancel()
        with pytest.raises(asyncio.CancelledError) as left:
            await asking
    llm.stuck = False

    assert spent_by(left.value) is None
    assert spent.total == Usage()


async def test_so_does_a_stream_whose_model_does_not_stop_in_time() -> None:
    llm = Billed()
    llm.stuck = True
    model = CountedLLM(RemoteLLM(Served(Models(llm)), "m", continues=False, stops_within_s=0.05))  # type: ignore[arg-type]
    agent = Served(Answerer(Steps(model, at_once=False)))
    answerer = RemoteAnswerer(agent, stops_within_s=PATIENCE_S)  # type: ignore[arg-type]
    with spending() as spent:
        events = answerer.async_stream(question())
        begun = asyncio.ensure_future(anext(events))
        await llm.asked.wait()
        begun.cancel()
        with pytest.raises(asyncio.CancelledError):
            await begun
    llm.stuck = False

    assert spent.total is None


@pytest.mark.parametrize("later", [0, 1, 3])
async def test_what_is_cancelled_a_second_time_still_learns_its_usage(later: int) -> None:
    llm = Billed()
    llm.turns = 5
    asking = await asked(llm)
    asking.cancel()
    for _ in range(later):
        await asyncio.sleep(0)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError) as left:
        await asking

    used = spent_by(left.value)
    assert used is not None
    assert used.cost_micro_usd == llm.bill


async def test_a_process_that_is_not_alive_is_not_waited_for() -> None:
    llm = Billed()
    llm.stuck = True
    asking = await asked(llm)
    began = time.monotonic()
    asking.cancel(NOT_ALIVE)
    with pytest.raises(asyncio.CancelledError):
        await asking
    llm.stuck = False

    assert time.monotonic() - began < PATIENCE_S / 2


async def test_an_error_after_the_stop_is_known_too() -> None:
    class Fails(Billed):
        async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
            self.asked.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise BackendFailed("the model failed") from None
            yield Chunk()

    asking = await asked(Fails())
    asking.cancel()
    with pytest.raises(asyncio.CancelledError) as left:
        await asking

    assert spent_by(left.value) == Usage()
