import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed
from genai.llms.wrappers.canary import CanaryLLM, IdleTimeoutLLM
from genai.messages import ChatRequest, Chunk, Completion
from genai.promotion.routing import Routing
from genai.promotion.tables import CachedRouting
from tests.support.answering import context
from tests.support.language_models import chat_request, collect, text_of
from tests.support.routing_table import InProcessRoutingTable

STEADY = Routing(champion="blue", challenger="green")


class Named(BaseLLM):
    """Says its name; ``broken`` fails, ``silent`` never answers."""

    def __init__(self, name: str, how: str = "") -> None:
        self.name = name
        self.how = how
        self.asked = 0

    async def async_chat(self, request: ChatRequest) -> Completion:
        self.asked += 1
        if self.how == "broken":
            raise BackendFailed("broken")
        if self.how == "silent":
            await asyncio.sleep(60)
        return Completion(text=self.name, model=self.name)

    async def async_stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        said = await self.async_chat(request)
        yield Chunk(text=said.text, model=said.model, finish_reason="stop")


class World:
    def __init__(self, how: str = "") -> None:
        self.table = InProcessRoutingTable()
        self.blue, self.green = Named("blue"), Named("green", how)
        cached = CachedRouting(self.table, "bank", STEADY, for_s=0)
        slots = {"blue": self.blue, "green": self.green}
        self.llm = CanaryLLM("bank", slots, cached, patience_s=0.05)

    async def route(self, **fields: object) -> None:
        await self.table.async_write("bank", STEADY.model_copy(update=fields))

    async def ask(self, session: str = "s") -> Completion:
        who = context().model_copy(update={"affinity": session})
        return await self.llm.async_chat(chat_request(context=who))


async def test_the_champion_answers_all_requests_until_the_challenger_gets_a_share() -> None:
    world = World()
    assert {(await world.ask(f"s{n}")).text for n in range(50)} == {"blue"}

    await world.route(stage="canary", share=0.3)

    said = [(await world.ask(f"s{n}")).text for n in range(400)]
    assert said.count("green") == pytest.approx(120, abs=35)
    assert said == [(await world.ask(f"s{n}")).text for n in range(400)]


async def test_a_change_of_the_routing_needs_no_restart() -> None:
    world = World()
    await world.route(champion="green", challenger="blue")

    assert (await world.ask()).text == "green"


@pytest.mark.parametrize("how", ["broken", "silent"])
async def test_the_champion_answers_when_the_challenger_fails(how: str) -> None:
    world = World(how)
    await world.route(stage="canary", share=1.0)

    said = await world.ask()
    streamed = await collect(world.llm.async_stream(chat_request()))

    assert said.text == text_of(streamed) == "blue"
    assert said.degraded == "green: backend_failed"


async def test_in_shadow_mode_the_challengers_answer_is_discarded() -> None:
    world = World("broken")
    await world.route(stage="shadow", trial=3)

    assert (await world.ask()).text == "blue"
    for _ in range(20):
        await asyncio.sleep(0.01)
        if await world.table.async_shadows("bank", 3):
            break

    [met] = await world.table.async_shadows("bank", 3)
    assert met.code == "backend_failed"
    assert world.green.asked == 1


async def test_concurrent_shadow_calls_are_limited() -> None:
    world = World("silent")
    await world.route(stage="shadow")

    for _ in range(30):
        await world.ask()
    await asyncio.sleep(0)

    assert world.green.asked <= 4
    await world.llm.async_close()


class Unreadable(InProcessRoutingTable):
    async def async_read(self, model: str) -> Routing | None:
        raise BackendFailed("no")


async def test_without_a_table_the_champion_answers() -> None:
    cached = CachedRouting(Unreadable(), "bank", STEADY)
    llm = CanaryLLM("bank", {"blue": Named("blue"), "green": Named("green")}, cached, patience_s=1)

    assert (await llm.async_chat(chat_request())).text == "blue"


@pytest.mark.parametrize(("patience_s", "within_s"), [(0.05, 1000.0), (1000.0, 0.4)])
async def test_a_silent_model_is_given_up_early_enough_to_ask_another(
    patience_s: float, within_s: float
) -> None:
    llm = IdleTimeoutLLM(Named("green", "silent"), patience_s)
    request = chat_request(context=context(within_s=within_s))

    async with asyncio.timeout(30):  # the model is silent for a minute
        with pytest.raises(BackendFailed, match="too long"):
            await llm.async_chat(request)
        with pytest.raises(BackendFailed, match="too long"):
            await collect(llm.async_stream(request))
