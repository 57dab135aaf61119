"""A server that speaks just enough of OpenAI's protocol, and misbehaves on request."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeOpenAI:
    """Returns its replies in order, and records the request bodies."""

    def __init__(self, *replies: Reply) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.hung_up = asyncio.Event()
        self._replies = list(replies)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        try:
            return await self._replies.pop(0)(request)
        except (asyncio.CancelledError, ConnectionResetError):
            self.hung_up.set()
            raise

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Yields the base URL."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.handle)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        finally:
            await runner.cleanup()


class EndlessOpenAI(FakeOpenAI):
    """Answers until the client disconnects, and records when.

    The message ``silent`` gets no answer; all others get word after word.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open: set[str] = set()
        self._asked: dict[str, asyncio.Event] = {}
        self._left: dict[str, asyncio.Event] = {}

    def asked(self, text: str) -> asyncio.Event:
        return self._asked.setdefault(text, asyncio.Event())

    def left(self, text: str) -> asyncio.Event:
        return self._left.setdefault(text, asyncio.Event())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text: str = (await request.json())["messages"][-1]["content"]
        self.open.add(text)
        self.asked(text).set()
        try:
            if "silent" in text:
                await asyncio.Event().wait()
            return await streams(itertools.repeat("word "), pause_s=0.02)(request)
        finally:
            self.open.discard(text)
            self.left(text).set()


def says(text: str, **fields: Any) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        message = {"role": "assistant", "content": text, **fields}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return web.json_response(_envelope("chat.completion", choices=[choice], usage=usage))

    return reply


def fails(
    status: int,
    *,
    code: str | None = None,
    param: str | None = None,
    message: str = "secret detail",
    **headers: str,
) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        error = {"message": message, "type": "error", "code": code, "param": param}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response({"error": error}, status=status, headers=named)

    return reply


def garbles() -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"<html>not json</html>", content_type="application/json")

    return reply


def hangs() -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    return reply


def streams(
    words: Iterable[str], *, ends: str = "well", tools: Sequence[Any] = (), pause_s: float = 0.0
) -> Reply:
    """``ends`` is ``well``, ``uncounted`` (no usage), ``cut`` (the connection breaks), ``open`` (nothing
    more comes), ``short`` (no reason, no usage), or ``garbled``."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        deltas: Iterator[dict[str, Any]] = ({"content": word} for word in words)
        for delta in itertools.chain(deltas, ({"tool_calls": [tool]} for tool in tools)):
            await _send(response, choices=[{"index": 0, "delta": delta, "finish_reason": None}])
            await asyncio.sleep(pause_s)
        await _end(response, request, ends)
        return response

    return reply


async def _end(response: web.StreamResponse, request: web.Request, ends: str) -> None:
    if ends == "cut":
        assert request.transport is not None
        request.transport.abort()
    elif ends == "open":
        await asyncio.Event().wait()
    elif ends == "garbled":
        await response.write(b"data: {not json\n\n")
    elif ends in ("well", "uncounted"):
        await _send(response, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
        if ends == "well":
            usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
            await _send(response, choices=[], usage=usage)
        await response.write(b"data: [DONE]\n\n")


async def _send(response: web.StreamResponse, **fields: Any) -> None:
    event = json.dumps(_envelope("chat.completion.chunk", **fields))
    await response.write(f"data: {event}\n\n".encode())


def _envelope(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": "x", "object": kind, "created": 1, "model": "m", **fields}
