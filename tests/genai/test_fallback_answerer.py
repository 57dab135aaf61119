import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.base.answerer import BaseAnswerer
from genai.errors import BackendFailed, InvalidInput
from genai.fallback_answerer import FallbackAnswerer
from genai.messages import Draft, DraftEvent, DraftStreamEvent, Question, TokenEvent
from genai.reliability.circuit import Circuit
from tests.support.answering import question

WORDS = ("one ", "two ", "three")


class Lost(BackendFailed):
    pass


class There(BaseAnswerer):
    """Says its words, unless it was told to die or to hang after some of them."""

    def __init__(self, *, says: int = len(WORDS), then: BaseException | None = None) -> None:
        self.says = says
        self.then = then
        self.asked = 0
        self.alive = True

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        self.asked += 1
        for word in WORDS[: self.says]:
            yield TokenEvent(text=word)
        if self.says < len(WORDS):
            if self.then is not None:
                raise self.then
            await asyncio.Event().wait()
        yield DraftEvent(draft=Draft(text="".join(WORDS), route="rag", model="extractive"))

    async def check(self) -> None:
        if not self.alive:
            raise Lost("nobody is there")


class World:
    def __init__(self, first: There, *, cooldown_s: float = 60.0) -> None:
        self.first = first
        self.here = There()
        self.built = 0
        self.answerer = FallbackAnswerer(
            first,
            self._build,
            check=first.check,
            lost=Lost,
            patience_s=0.01,
            circuit=Circuit(failures=1, cooldown_s=cooldown_s),
        )

    def _build(self) -> BaseAnswerer:
        self.built += 1
        return self.here

    async def whole(self) -> str:
        return (await self.answerer.async_answer(question())).text

    async def streamed(self) -> list[str]:
        events = [event async for event in self.answerer.async_stream(question())]
        return [event.text for event in events if isinstance(event, TokenEvent)]


async def test_as_long_as_somebody_is_there_nothing_is_built_here() -> None:
    world = World(There())

    assert await world.whole() == "one two three"
    assert await world.streamed() == list(WORDS)
    assert world.built == 0


async def test_what_is_lost_is_done_here_and_so_is_what_follows() -> None:
    world = World(There(says=0, then=Lost("died")))

    assert [await world.whole(), await world.whole()] == ["one two three"] * 2
    assert (world.first.asked, world.built) == (1, 1)


async def test_who_hangs_is_not_waited_for() -> None:
    hanging = There(says=1)
    hanging.alive = False

    assert await World(hanging).whole() == "one two three"
    assert await World(hanging).streamed() == list(WORDS)


async def test_who_is_slow_but_there_is_waited_for() -> None:
    world = World(There(says=1))
    asked = asyncio.create_task(world.whole())
    await asyncio.sleep(0.1)

    assert not asked.done()
    assert world.built == 0
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_stream_that_is_lost_goes_on_here_without_saying_anything_twice() -> None:
    world = World(There(says=2, then=Lost("died")))

    assert await world.streamed() == list(WORDS)
    assert world.here.asked == 1


async def test_it_is_looked_there_again_and_again_and_nobody_waits_for_that() -> None:
    world = World(There(says=0, then=Lost("died")), cooldown_s=0.01)
    world.first.alive = False
    for _ in range(3):
        assert await world.whole() == "one two three"
        await asyncio.sleep(0.02)
    asked_meanwhile = world.first.asked
    world.first.says, world.first.alive = len(WORDS), True
    await asyncio.sleep(0.1)

    await world.whole()
    await world.streamed()

    assert asked_meanwhile == 1
    assert (world.first.asked, world.here.asked) == (3, 3)


async def test_who_still_hangs_after_a_moment_gets_no_request() -> None:
    hanging = There(says=1)
    hanging.alive = False
    world = World(hanging, cooldown_s=0.01)
    await world.whole()

    for _ in range(3):
        await world.whole()
        await world.streamed()
        await asyncio.sleep(0.02)

    assert world.first.asked == 1


async def test_an_error_of_the_work_itself_is_not_repeated_here() -> None:
    world = World(There(says=0, then=InvalidInput("no such thing")))

    with pytest.raises(InvalidInput):
        await world.whole()
    with pytest.raises(InvalidInput):
        await world.streamed()
    assert world.built == 0


async def test_a_building_that_fails_is_tried_again() -> None:
    world = World(There(says=0, then=Lost("died")))
    world.answerer = FallbackAnswerer(
        world.first, failing_once(world), check=world.first.check, lost=Lost, patience_s=0.01
    )

    with pytest.raises(OSError, match="no room"):
        await world.whole()
    assert await world.whole() == "one two three"


def failing_once(world: World):  # type: ignore[no-untyped-def]
    tries = iter((OSError("no room"), None))

    def build() -> BaseAnswerer:
        if (error := next(tries)) is not None:
            raise error
        return world.here

    return build
