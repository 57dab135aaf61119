import pytest

from genai.base.llm import BaseLLM
from genai.errors import BackendFailed, Misconfigured
from genai.llms.wrappers.slot import SlotLLM
from genai.messages import ChatRequest, Completion
from genai.promotion.routing import Routing
from tests.support.language_models import chat_request
from tests.support.routing_table import InProcessRoutingTable


class Versioned(BaseLLM):
    def __init__(self, version: str) -> None:
        self.name = version
        self.closed = False

    async def async_chat(self, request: ChatRequest) -> Completion:
        return Completion(text=self.name, model="green")

    async def async_start(self) -> None:
        if self.name == "broken":
            raise Misconfigured("no such model")

    async def async_close(self) -> None:
        self.closed = True


class World:
    def __init__(self, *, in_place: bool = True) -> None:
        self.table = InProcessRoutingTable()
        self.built: list[Versioned] = []
        self.slot = SlotLLM(
            "green",
            "bank",
            initial="first",
            build=self.build,
            table=self.table,
            in_place=in_place,
        )

    def build(self, version: str) -> BaseLLM:
        self.built.append(Versioned(version))
        return self.built[-1]

    async def want(self, version: str) -> None:
        routing = Routing(champion="blue", challenger="green", versions={"green": version})
        await self.table.async_write("bank", routing)

    async def said(self) -> str:
        return (await self.slot.async_chat(chat_request())).text


async def test_a_slot_serves_the_version_of_the_routing_and_reports_it() -> None:
    world = World()
    assert await world.said() == "first"
    await world.want("second")

    await world.slot.async_check_health()

    assert await world.said() == "second"
    assert world.built[0].closed
    assert await world.table.async_loaded("green") == "second"


async def test_a_slot_that_cannot_swap_in_place_fails_its_health_check() -> None:
    world = World(in_place=False)
    await world.slot.async_check_health()
    await world.want("second")

    with pytest.raises(BackendFailed):
        await world.slot.async_check_health()


async def test_the_old_version_stays_when_the_new_one_cannot_be_loaded() -> None:
    world = World()
    await world.slot.async_start()
    await world.want("broken")

    await world.slot.async_check_health()

    assert await world.said() == "first"
    assert await world.table.async_loaded("green") == "first"


async def test_a_new_replica_starts_with_the_version_of_the_routing() -> None:
    world = World()
    await world.want("second")

    assert await world.said() == "second"
