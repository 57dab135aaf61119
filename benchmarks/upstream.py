"""A mock of OpenAI's chat completions, in its own process.

    python -m benchmarks.upstream --port 9000

It repeats the last message up to ``max_tokens`` words: at once, or for the model ``paced`` with
`PACE_S` before each word. It is raw HTTP on asyncio, so that its own cost does not hide that of the
server in front of it.
"""

import argparse
import asyncio
import re
from functools import lru_cache
from typing import Any, cast

import orjson
import uvloop

from benchmarks.text import echo

PACE_S = 0.02
"""Seconds per token of the model `PACED`, here and in the scripted configuration."""

PACED = "paced"

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_AT_ONCE = 16
"""Tokens that are written before other connections get their turn."""

_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


class Upstream(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = b""
        self._running: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._running is not None:
            self._running.cancel()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found.group(1)) if found else 0
        if not end or len(rest) < length:
            return
        self._buffer = rest[length:]
        self._answer(head, rest[:length])

    def _answer(self, head: bytes, body: bytes) -> None:
        if not head.startswith(b"POST"):
            self._transport.write(_whole({"object": "list", "data": []}))
            return
        request = orjson.loads(body)
        question, words = request["messages"][-1]["content"], request.get("max_tokens") or 64
        paced = request["model"] == PACED
        if request.get("stream"):
            self._running = asyncio.get_running_loop().create_task(
                self._stream(stream_parts(question, words), paced=paced)
            )
        else:
            self._transport.write(whole_answer(question, words))

    async def _stream(self, parts: tuple[bytes, ...], *, paced: bool) -> None:
        self._transport.write(_STREAM_HEAD)
        for count, part in enumerate(parts):
            if paced:
                await asyncio.sleep(PACE_S)
            elif count % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if not self._room.is_set():
                await self._room.wait()
            self._transport.write(part)
        self._transport.write(b"0\r\n\r\n")


@lru_cache(maxsize=64)
def whole_answer(question: str, words: int) -> bytes:
    message = {"role": "assistant", "content": echo(question, words)}
    return _whole(
        {
            "id": "chatcmpl-mock",
            "object": "chat.completion",
            "created": 0,
            "model": "mock",
            "choices": [{"index": 0, "message": message, "finish_reason": "length"}],
            "usage": {
                "prompt_tokens": len(question.split()),
                "completion_tokens": words,
                "total_tokens": len(question.split()) + words,
            },
        }
    )


@lru_cache(maxsize=64)
def stream_parts(question: str, words: int) -> tuple[bytes, ...]:
    """A chunk for each word, the finish chunk, and the end marker."""
    first, *others = echo(question, words).split(" ")
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": first}]
    deltas += [{"content": f" {word}"} for word in others]
    events = [_chunk(delta, None) for delta in deltas] + [_chunk({}, "length"), b"[DONE]"]
    return tuple(_http_chunk(b"data: " + event + b"\n\n") for event in events)


def _chunk(delta: dict[str, str], finish_reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    head = {"id": "chatcmpl-mock", "object": "chat.completion.chunk", "created": 0, "model": "mock"}
    return orjson.dumps({**head, "choices": [choice]})


def _http_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _whole(value: dict[str, Any]) -> bytes:
    body = orjson.dumps(value)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
