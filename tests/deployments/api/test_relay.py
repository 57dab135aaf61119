import asyncio
from collections.abc import AsyncIterator

from starlette.types import Message

from deployments.api.relay import Relay
from deployments.api.sse import HIGH_WATER


def part(body: bytes, *, last: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": not last}


async def bodies(messages: AsyncIterator[Message]) -> list[bytes]:
    return [message["body"] async for message in messages]


async def test_messages_come_in_order_until_the_end() -> None:
    relay = Relay()
    reading = asyncio.create_task(bodies(relay.messages()))
    await relay.send(part(b"a"))
    await asyncio.sleep(0)
    await relay.send(part(b"b"))
    await relay.send(part(b"c", last=True))
    relay.end()

    assert await reading == [b"a", b"b", b"c"]


async def test_a_slow_client_makes_the_sender_wait() -> None:
    relay = Relay()
    messages = relay.messages()
    sending = asyncio.create_task(relay.send(part(b"x" * HIGH_WATER)))
    await asyncio.sleep(0)
    assert not sending.done()

    await anext(messages)
    reading = asyncio.create_task(bodies(messages))
    await sending
    relay.end()
    assert await reading == []


async def test_the_last_message_does_not_wait_for_the_client() -> None:
    await Relay().send(part(b"x" * HIGH_WATER, last=True))


async def test_nobody_waits_for_a_client_that_left() -> None:
    relay = Relay()
    sending = asyncio.create_task(relay.send(part(b"x" * HIGH_WATER)))
    await asyncio.sleep(0)
    relay.leave()
    await sending
    await relay.send(part(b"x" * HIGH_WATER))
    relay.end()

    assert await bodies(relay.messages()) == []
