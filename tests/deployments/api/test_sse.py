import asyncio
from collections.abc import AsyncIterator

import pytest

from deployments.api.sse import HIGH_WATER, EventStream, EventWriter, event
from genai.errors import BackendFailed, GenAIError


async def settled() -> None:
    """Nothing to settle."""


def plain(error: GenAIError, request_id: str) -> bytes:
    return b""


class Client:
    """Takes what is written; reads only while ``reads`` is set."""

    def __init__(self) -> None:
        self.writes: list[tuple[bytes, bool]] = []
        self.got = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()

    async def write(self, block: bytes, last: bool) -> None:
        self.writes.append((block, last))
        self.got.set()
        await self.reads.wait()


def writer(
    source: AsyncIterator[bytes], client: Client, *, heartbeat_s: float = 15, whole: bool = True
) -> EventWriter:
    stream = EventStream(source, lambda item: item, plain, lambda: whole, b"end")
    return EventWriter(stream, client.write, settled, heartbeat_s=heartbeat_s)


async def test_the_first_event_leaves_alone_and_later_ones_that_are_ready_in_one_write() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"first"
        yield b"a"
        yield b"b"
        await asyncio.sleep(0)
        yield b"c"

    client = Client()
    await writer(source(), client).run()

    assert client.writes == [(b"first", False), (b"ab", False), (b"cend", True)]


async def test_the_first_event_does_not_wait_for_the_second() -> None:
    client, second = Client(), asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        yield b"a"
        await second.wait()
        yield b"b"

    running = asyncio.create_task(writer(source(), client).run())
    await client.got.wait()
    assert client.writes == [(b"a", False)]
    second.set()
    await running


async def test_a_stream_that_ends_later_still_ends() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"
        for _ in range(5):
            await asyncio.sleep(0)

    client = Client()
    await writer(source(), client).run()

    assert client.writes == [(b"a", False), (b"end", True)]


async def test_a_client_that_does_not_read_holds_the_source_back() -> None:
    made = 0

    async def source() -> AsyncIterator[bytes]:
        nonlocal made
        for made in range(1000):  # noqa: B007
            yield b"x" * 1024
            await asyncio.sleep(0)

    client = Client()
    client.reads.clear()
    running = asyncio.create_task(writer(source(), client).run())
    for _ in range(2000):
        await asyncio.sleep(0)
    assert made <= HIGH_WATER // 1024 + 1
    client.reads.set()
    await running
    assert sum(len(block) for block, _ in client.writes) == 1000 * 1024 + len(b"end")


async def test_silence_is_filled_with_comments() -> None:
    client, quiet = Client(), asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        await quiet.wait()
        yield b"a"

    running = asyncio.create_task(writer(source(), client, heartbeat_s=0.001).run())
    await client.got.wait()
    quiet.set()
    await running

    assert client.writes[0] == (b": keep-alive\n\n", False)
    assert b"".join(written for written, _ in client.writes).endswith(b"aend")


async def test_what_came_before_a_failure_is_written() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"
        raise BackendFailed("broken")

    client = Client()
    with pytest.raises(BackendFailed):
        await writer(source(), client).run()

    assert client.writes == [(b"a", False)]


async def test_a_source_that_cancels_itself_is_a_failure() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"
        raise asyncio.CancelledError

    client = Client()
    with pytest.raises(BackendFailed):
        await writer(source(), client).run()

    assert client.writes == [(b"a", False)]


async def test_a_source_that_ends_too_early_is_a_failure() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"

    client = Client()
    with pytest.raises(BackendFailed, match="cut off"):
        await writer(source(), client, whole=False).run()

    assert client.writes == [(b"a", False)]


async def test_a_stopped_writer_closes_its_source() -> None:
    client, closed = Client(), asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            await asyncio.Event().wait()
        finally:
            closed.set()

    running = asyncio.create_task(writer(source(), client).run())
    await client.got.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert closed.is_set()


def test_an_event_is_one_line_of_data_whatever_it_holds() -> None:
    assert event("token", {"text": "a\n\ndata: b\r"}).count(b"\n") == 3
