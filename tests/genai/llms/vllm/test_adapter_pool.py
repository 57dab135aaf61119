import asyncio

import pytest

from genai.errors import ModelUnavailable
from genai.llms.vllm.adapter_pool import AdapterPool


class Engine:
    """Has room for as many as it is told, and breaks where there is more."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.loaded: list[str] = []
        self.loadings: list[str] = []
        self.pool = AdapterPool(places, self.load, self.unload)

    async def load(self, source: str) -> str:
        await asyncio.sleep(0)
        self.loadings.append(source)
        if source.startswith("bad"):
            raise ModelUnavailable(f"{source} cannot be loaded")
        self.loaded.append(source)
        assert len(self.loaded) <= self.places
        return source

    async def unload(self, handle: str) -> None:
        await asyncio.sleep(0)
        self.loaded.remove(handle)

    async def ask(self, source: str) -> str:
        async with self.pool.lease(source) as handle:
            await asyncio.sleep(0.001)
            assert handle in self.loaded
            return handle


async def test_an_adapter_is_loaded_once_however_many_ask_for_it() -> None:
    engine = Engine(2)

    said = await asyncio.gather(*(engine.ask(source) for source in "aabbab"))

    assert said == list("aabbab")
    assert sorted(engine.loadings) == ["a", "b"]


async def test_the_least_recently_used_adapter_is_evicted() -> None:
    engine = Engine(2)
    for source in ("a", "b", "a", "c"):
        await engine.ask(source)

    assert engine.pool.loaded == ("a", "c")


async def test_an_adapter_in_use_is_not_evicted_and_the_next_one_waits() -> None:
    engine = Engine(1)
    async with engine.pool.lease("a"):
        waiting = asyncio.create_task(engine.ask("b"))
        await asyncio.sleep(0.01)
        assert engine.loaded == ["a"]

    assert await waiting == "b"
    assert engine.loaded == ["b"]


async def test_a_cancelled_wait_takes_no_place() -> None:
    engine = Engine(1)
    async with engine.pool.lease("a"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await engine.ask("b")

    assert await engine.ask("c") == "c"


async def test_more_adapters_than_places_all_serve_their_own_requests() -> None:
    engine = Engine(3)
    wanted = [f"{n % 7}" for n in range(70)]

    assert await asyncio.gather(*map(engine.ask, wanted)) == wanted


async def test_a_failed_load_affects_no_other_adapter_and_is_not_retried_at_once() -> None:
    engine = Engine(2)

    results = await asyncio.gather(
        *(engine.ask(source) for source in ("a", "bad", "bad", "b")), return_exceptions=True
    )

    assert [type(result) for result in results] == [str, ModelUnavailable, ModelUnavailable, str]
    assert engine.loadings.count("bad") == 1
    assert engine.pool.load_failed("bad")
    assert not engine.pool.load_failed("a")


async def test_a_dropped_adapter_is_unloaded_and_loaded_again_when_used() -> None:
    engine = Engine(2)
    await engine.ask("a")
    await engine.pool.drop("a")
    await engine.pool.drop("a")
    assert engine.loaded == []

    await engine.ask("a")

    assert engine.loadings == ["a", "a"]


async def test_an_adapter_in_use_is_not_dropped() -> None:
    engine = Engine(2)
    async with engine.pool.lease("a"):
        await engine.pool.drop("a")

        assert engine.loaded == ["a"]
