"""Passes the response of a request on to its client, who may leave before it is complete."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from starlette.types import Message

from deployments.api.sse import HIGH_WATER


class Relay:
    """The ``send`` of a request that runs in a task of its own, and the messages for its client.

    A slow client makes ``send`` wait, except for the last message. One that left does not.
    """

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._ended = False
        self._left = False

    async def send(self, message: Message) -> None:
        if self._left:
            return
        self._messages.append(message)
        self._size += len(message.get("body", b""))
        self._news.set()
        if message.get("more_body") and self._size >= HIGH_WATER:
            self._room.clear()
            await self._room.wait()

    def end(self) -> None:
        """Nothing more will be sent."""
        self._ended = True
        self._news.set()

    def leave(self) -> None:
        """The client left: what is sent from now on is dropped."""
        self._left = True
        self._messages.clear()
        self._room.set()

    async def messages(self) -> AsyncIterator[Message]:
        """Those that were sent, until the `end`."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._messages:
                message = self._messages.popleft()
                self._size -= len(message.get("body", b""))
                yield message
            self._room.set()
            if self._ended:
                return
