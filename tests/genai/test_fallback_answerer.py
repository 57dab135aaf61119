import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.base.answerer import BaseAnswerer
from genai.errors import BackendFailed, InvalidInput
from genai.events import DraftEvent, DraftStreamEvent, TokenEvent
from genai.fallback_answerer import FallbackAnswerer
from genai.messages import Draft, Question
from genai.reliability.circuit import Circuit
from tests.support.answering import question

WORDS = ("one ", "two ", "three")


class Lost(BackendFailed):
    pass


class PrimaryAnswerer(BaseAnswerer):
    """Streams its words; may fail or hang after some of them."""

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


class Setup:
    def __init__(self, first: PrimaryAnswerer, *, cooldown_s: float = 60.0) -> None:
        self.first = first
        self.here = PrimaryAnswerer()
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


async def test_nothing_is_built_while_the_primary_is_alive() -> None:
    setup = Setup(PrimaryAnswerer())

    assert await setup.whole() == "one two three"
    assert await setup.streamed() == list(WORDS)
    assert setup.built == 0


async def test_a_lost_call_and_later_ones_use_the_fallback() -> None:
    setup = Setup(PrimaryAnswerer(says=0, then=Lost("died")))

    assert [await setup.whole(), await setup.whole()] == ["one two three"] * 2
    assert (setup.first.asked, setup.built) == (1, 1)


async def test_a_hanging_primary_is_replaced() -> None:
    hanging = PrimaryAnswerer(says=1)
    hanging.alive = False

    assert await Setup(hanging).whole() == "one two three"
    assert await Setup(hanging).streamed() == list(WORDS)


async def test_a_slow_but_live_primary_is_awaited() -> None:
    setup = Setup(PrimaryAnswerer(says=1))
    asked = asyncio.create_task(setup.whole())
    await asyncio.sleep(0.1)

    assert not asked.done()
    assert setup.built == 0
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_lost_stream_continues_without_repetition() -> None:
    setup = Setup(PrimaryAnswerer(says=2, then=Lost("died")))

    assert await setup.streamed() == list(WORDS)
    assert setup.here.asked == 1


async def test_the_primary_is_probed_in_the_background() -> None:
    setup = Setup(PrimaryAnswerer(says=0, then=Lost("died")), cooldown_s=0.01)
    setup.first.alive = False
    for _ in range(3):
        assert await setup.whole() == "one two three"
        await asyncio.sleep(0.02)
    asked_meanwhile = setup.first.asked
    setup.first.says, setup.first.alive = len(WORDS), True
    await asyncio.sleep(0.1)

    await setup.whole()
    await setup.streamed()

    assert asked_meanwhile == 1
    assert (setup.first.asked, setup.here.asked) == (3, 3)


async def test_a_still_hanging_primary_gets_no_request() -> None:
    hanging = PrimaryAnswerer(says=1)
    hanging.alive = False
    setup = Setup(hanging, cooldown_s=0.01)
    await setup.whole()

    for _ in range(3):
        await setup.whole()
        await setup.streamed()
        await asyncio.sleep(0.02)

    assert setup.first.asked == 1


async def test_other_errors_are_not_retried_by_the_fallback() -> None:
    setup = Setup(PrimaryAnswerer(says=0, then=InvalidInput("no such thing")))

    with pytest.raises(InvalidInput):
        await setup.whole()
    with pytest.raises(InvalidInput):
        await setup.streamed()
    assert setup.built == 0


async def test_a_failed_build_is_retried() -> None:
    setup = Setup(PrimaryAnswerer(says=0, then=Lost("died")))
    setup.answerer = FallbackAnswerer(
        setup.first, failing_once(setup), check=setup.first.check, lost=Lost, patience_s=0.01
    )

    with pytest.raises(OSError, match="no room"):
        await setup.whole()
    assert await setup.whole() == "one two three"


def failing_once(setup: Setup):  # type: ignore[no-untyped-def]
    tries = iter((OSError("no room"), None))

    def build() -> BaseAnswerer:
        if (error := next(tries)) is not None:
            raise error
        return setup.here

    return build
