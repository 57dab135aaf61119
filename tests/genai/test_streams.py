import asyncio
from collections.abc import AsyncIterator

import pytest

from genai.events import DraftEvent, SpentEvent, TokenEvent
from genai.messages import Chunk, Draft, Usage
from genai.streams import closing, merge_chunks, merge_tokens, ready_batches


class Numbers:
    """A stream that records when it is closed."""

    def __init__(self, count: int, *, fail_at: int | None = None) -> None:
        self._count = count
        self._fail_at = fail_at
        self.given = 0
        self.closed = False

    async def stream(self) -> AsyncIterator[int]:
        try:
            for number in range(self._count):
                if number == self._fail_at:
                    raise ValueError("broken")
                self.given += 1
                yield number
        finally:
            self.closed = True


async def test_batches_hold_every_item_in_order() -> None:
    batches = [batch async for batch in ready_batches(Numbers(1000).stream())]

    assert [number for batch in batches for number in batch] == list(range(1000))
    assert all(batches)


async def test_items_that_wait_for_the_consumer_leave_together() -> None:
    batches = [batch async for batch in ready_batches(Numbers(1000).stream(), at_most=100)]

    assert len(batches) <= 12


async def test_a_slow_consumer_holds_the_producer_back() -> None:
    numbers = Numbers(1000)
    batches = ready_batches(numbers.stream(), at_most=10)

    await anext(batches)
    await asyncio.sleep(0)

    assert numbers.given <= 20
    await batches.aclose()  # type: ignore[attr-defined]


async def test_an_error_comes_after_the_items_before_it() -> None:
    received: list[int] = []

    with pytest.raises(ValueError, match="broken"):
        async for batch in ready_batches(Numbers(10, fail_at=4).stream()):
            received += batch

    assert received == [0, 1, 2, 3]


async def test_closing_the_batches_closes_the_source() -> None:
    numbers = Numbers(1000)

    async with closing(ready_batches(numbers.stream(), at_most=5)) as batches:
        await anext(aiter(batches))

    assert numbers.closed


async def test_a_stream_that_is_left_early_is_closed() -> None:
    numbers = Numbers(10)

    async with closing(numbers.stream()) as source:
        async for _ in source:
            break

    assert numbers.closed


def test_adjacent_tokens_are_joined_and_other_events_keep_their_order() -> None:
    end = DraftEvent(draft=Draft(text="ab", route="chat", model="m"))

    merged = merge_tokens([TokenEvent(text="a"), TokenEvent(text="b"), end])

    assert merged == [TokenEvent(text="ab"), end]


def test_chunks_with_more_than_text_are_not_joined() -> None:
    end = Chunk(text="c", finish_reason="stop", usage=Usage(completion_tokens=3))

    merged = merge_chunks([Chunk(text="a", model="m"), Chunk(text="b", model="m"), end])

    assert merged == [Chunk(text="ab", model="m"), end]


def test_a_reason_for_degradation_survives_joining() -> None:
    merged = merge_chunks([Chunk(text="a", degraded="the first model failed"), Chunk(text="b")])

    assert merged[0].degraded == "the first model failed"


def test_only_the_latest_usage_is_kept() -> None:
    events = [
        TokenEvent(text="a"),
        SpentEvent(usage=Usage(completion_tokens=1)),
        TokenEvent(text="b"),
        SpentEvent(usage=Usage(completion_tokens=2)),
    ]

    assert merge_tokens(events) == [events[3], TokenEvent(text="ab")]


def test_chunks_that_are_joined_have_spent_what_the_last_one_had() -> None:
    chunks = [
        Chunk(text=text, spent=Usage(completion_tokens=number))
        for number, text in enumerate("ab", start=1)
    ]

    assert merge_chunks(chunks) == [Chunk(text="ab", spent=Usage(completion_tokens=2))]
