"""A real server that misbehaves, from the socket up to the JSON inside of events.

`FAULTS` lists every kind by name. Each is a function that writes to the connection what it likes, and
what a caller must make of it: ``right`` (the answer comes all the same), ``fails`` (one of our errors),
or ``either``.
"""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

ANSWER = "The card costs five euros."
WORDS = ["The ", "card ", "costs ", "five ", "euros."]
USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}

Ending = Literal["right", "fails", "either"]


class Connection:
    """One connection of a client that has sent its request."""

    def __init__(self, writer: asyncio.StreamWriter, *, streamed: bool) -> None:
        self.streamed = streamed
        self._writer = writer

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def slowly(self, data: bytes, *, pause_s: float = 0.02, size: int = 1) -> None:
        for at in range(0, len(data), size):
            await self.write(data[at : at + size])
            await asyncio.sleep(pause_s)

    def reset(self) -> None:
        """Answer with a TCP reset instead of an orderly end."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Behaviour = Callable[[Connection], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    name: str
    behave: Behaviour
    ending: Ending
    of_streams: bool = False


FAULTS: list[Fault] = []


def fault(ending: Ending, *, of_streams: bool = False) -> Callable[[Behaviour], Behaviour]:
    """With ``of_streams``, only streams fail."""

    def add(behave: Behaviour) -> Behaviour:
        FAULTS.append(Fault(behave.__name__.replace("_", " "), behave, ending, of_streams))
        return behave

    return add


@asynccontextmanager
async def misbehaving(behave: Behaviour) -> AsyncIterator[str]:
    """The base URL of a server with this behaviour for every request."""

    serving: set[asyncio.Task[Any] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await behave(Connection(writer, streamed=await _asked_to_stream(reader)))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        tasks = [task for task in serving if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _asked_to_stream(reader: asyncio.StreamReader) -> bool:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    return bool(json.loads(await reader.readexactly(length)).get("stream"))


# -- what a good server says -----------------------------------------------------------------------


def http(status: int, body: bytes, media_type: str = "application/json", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {media_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if not {"Content_Length", "Transfer_Encoding"} & headers.keys():
        lines.append(f"Content-Length: {len(body)}")
    lines.append("Connection: close")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def completion(**changes: Any) -> bytes:
    message = {"role": "assistant", "content": ANSWER}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    whole = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": USAGE,
    }
    return json.dumps({**whole, **changes}).encode()


def chunk(delta: object, reason: str | None = None, **fields: Any) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
    frame = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps({**frame, "choices": choices, **fields}).encode() + b"\n\n"


def spoken() -> list[bytes]:
    return [chunk({"content": word}) for word in WORDS]


def ended() -> bytes:
    usage = chunk({}, None, choices=[], usage=USAGE)
    return chunk({}, "stop") + usage + b"data: [DONE]\n\n"


def events(*parts: bytes) -> bytes:
    """Without a length: the end of the connection is the end of the stream."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    return head + b"".join(parts)


def well(streamed: bool) -> bytes:
    return events(*spoken(), ended()) if streamed else http(200, completion())


async def _in_kind(connection: Connection, whole: bytes, streamed: bytes) -> None:
    """Answer plain requests with ``whole``, streamed ones with the events."""
    await connection.write(streamed if connection.streamed else whole)


def _error(status: int, code: str | None = None, **headers: str) -> bytes:
    said = {"error": {"message": "SECRET of upstream", "type": "error", "code": code}}
    return http(status, json.dumps(said).encode(), **headers)


# -- the connection --------------------------------------------------------------------------------


@fault("fails")
async def closes_at_once(connection: Connection) -> None:
    del connection


@fault("fails")
async def resets_at_once(connection: Connection) -> None:
    connection.reset()


@fault("fails")
async def never_answers(connection: Connection) -> None:
    del connection
    await asyncio.Event().wait()


@fault("fails")
async def speaks_no_http(connection: Connection) -> None:
    await connection.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)


@fault("fails")
async def speaks_tls(connection: Connection) -> None:
    await connection.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))


@fault("fails")
async def sends_random_bytes(connection: Connection) -> None:
    await connection.write(bytes(range(256)) * 20)


# -- the head --------------------------------------------------------------------------------------


@fault("fails")
async def breaks_in_the_status_line(connection: Connection) -> None:
    await connection.write(b"HTTP/1.1 2")


@fault("fails")
async def has_a_status_that_is_no_number(connection: Connection) -> None:
    await connection.write(b"HTTP/1.1 fine OK\r\n\r\n")


@fault("fails")
async def hangs_in_the_head(connection: Connection) -> None:
    await connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: appl")
    await asyncio.Event().wait()


@fault("fails")
async def drips_a_head_without_end(connection: Connection) -> None:
    await connection.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        await connection.slowly(b"X-Filler: x\r\n")


@fault("fails")
async def has_a_header_of_a_megabyte(connection: Connection) -> None:
    await connection.write(http(200, completion(), X_Filler="x" * 2**20))


@fault("fails")
async def has_a_hundred_thousand_headers(connection: Connection) -> None:
    await connection.write(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: x\r\n" * 100_000)
    await connection.write(b"\r\n")


@fault("fails")
async def says_continue_for_ever(connection: Connection) -> None:
    while True:
        await connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.01)


@fault("fails")
async def redirects_to_an_address_of_the_cloud(connection: Connection) -> None:
    await connection.write(http(307, b"", Location="http://169.254.169.254/latest/meta-data"))


@fault("fails")
async def redirects_to_itself(connection: Connection) -> None:
    await connection.write(http(308, b"", Location="/v1/chat/completions"))


@fault("fails")
async def contradicts_its_own_length(connection: Connection) -> None:
    body = completion()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nContent-Length: 3\r\n\r\n"
    await connection.write(head.encode() + body)


# -- the body --------------------------------------------------------------------------------------


@fault("fails")
async def has_no_content(connection: Connection) -> None:
    await connection.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


@fault("fails")
async def has_an_empty_body(connection: Connection) -> None:
    await connection.write(http(200, b""))


@fault("fails")
async def sends_half_of_its_body(connection: Connection) -> None:
    body = completion()
    await connection.write(http(200, body[: len(body) // 2], Content_Length=str(len(body))))


@fault("fails")
async def promises_a_body_and_hangs(connection: Connection) -> None:
    await connection.write(http(200, b"{", Content_Length="1000"))
    await asyncio.Event().wait()


@fault("fails")
async def drips_a_body_without_end(connection: Connection) -> None:
    await connection.write(http(200, b"", Content_Length="1000000"))
    await connection.slowly(b" " * 1_000_000)


@fault("fails")
async def sends_a_body_without_end(connection: Connection) -> None:
    await connection.write(http(200, b'{"x":"', Content_Length=str(2**40)))
    while True:
        await connection.write(b"x" * 2**20)


@fault("fails")
async def has_chunks_of_a_senseless_size(connection: Connection) -> None:
    body = b"zz\r\n" + completion() + b"\r\n0\r\n\r\n"
    await connection.write(http(200, body, Transfer_Encoding="chunked"))


@fault("fails")
async def breaks_between_chunks(connection: Connection) -> None:
    await connection.write(http(200, b"5\r\n{'id'\r\n", Transfer_Encoding="chunked"))


@fault("fails")
async def sends_a_web_page(connection: Connection) -> None:
    await connection.write(http(200, b"<html><body>Login</body></html>", "text/html"))


@fault("fails")
async def calls_a_web_page_json(connection: Connection) -> None:
    await connection.write(http(200, b"<html><body>Login</body></html>"))


@fault("either")
async def calls_json_plain_text(connection: Connection) -> None:
    whole = http(200, completion(), "text/plain")
    streamed = events(*spoken(), ended()).replace(b"text/event-stream", b"text/plain")
    await _in_kind(connection, whole, streamed)


@fault("fails")
async def calls_json_an_image(connection: Connection) -> None:
    await connection.write(http(200, b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png"))


@fault("fails")
async def is_packed_without_being_asked(connection: Connection) -> None:
    await connection.write(http(200, gzip.compress(completion()), Content_Encoding="gzip"))


@fault("fails")
async def says_packed_and_is_not(connection: Connection) -> None:
    await connection.write(http(200, completion(), Content_Encoding="gzip"))


@fault("fails")
async def is_a_bomb(connection: Connection) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    await connection.write(http(200, bomb, Content_Encoding="gzip"))


@fault("either")  # a parser that ignores the encoding would find a complete answer
async def answers_in_utf_16(connection: Connection) -> None:
    await connection.write(http(200, completion().decode().encode("utf-16")))


@fault("fails")
async def answers_in_broken_utf_8(connection: Connection) -> None:
    await connection.write(http(200, b'{"choices": "\xff\xfe\xc3"}'))


# -- the JSON --------------------------------------------------------------------------------------


@fault("fails")
async def answers_null(connection: Connection) -> None:
    await connection.write(http(200, b"null"))


@fault("fails")
async def answers_a_list(connection: Connection) -> None:
    await connection.write(http(200, b"[1, 2, 3]"))


@fault("fails")
async def answers_an_object_of_another_kind(connection: Connection) -> None:
    await connection.write(http(200, b'{"detail": "ok"}'))


@fault("fails")
async def nests_its_answer_too_deeply(connection: Connection) -> None:
    await connection.write(http(200, b"[" * 100_000 + b"]" * 100_000))


@fault("fails")
async def has_no_choices(connection: Connection) -> None:
    await _in_kind(connection, http(200, completion(choices=[])), events(b"data: [DONE]\n\n"))


@fault("fails")
async def has_a_choice_without_a_message(connection: Connection) -> None:
    broken = [{"index": 0, "finish_reason": "stop"}]
    frame = b'data: {"choices": [{"index": 0}]}\n\n'
    await _in_kind(connection, http(200, completion(choices=broken)), events(frame))


@fault("fails")
async def has_a_number_for_a_text(connection: Connection) -> None:
    broken = [{"index": 0, "message": {"role": "assistant", "content": 7}, "finish_reason": "stop"}]
    streamed = events(chunk({"content": 7}), ended())
    await _in_kind(connection, http(200, completion(choices=broken)), streamed)


@fault("fails")
async def has_an_error_for_an_answer(connection: Connection) -> None:
    said = b'{"error": {"message": "SECRET of upstream", "code": "boom"}}'
    await _in_kind(connection, http(200, said), events(b"data: " + said + b"\n\n"))


@fault("right")
async def has_no_usage(connection: Connection) -> None:
    streamed = events(*spoken(), chunk({}, "stop"), b"data: [DONE]\n\n")
    await _in_kind(connection, http(200, completion(usage=None)), streamed)


@fault("right")
async def has_negative_usage(connection: Connection) -> None:
    usage = {"prompt_tokens": -7, "completion_tokens": -5, "total_tokens": -12}
    last = chunk({}, None, choices=[], usage=usage)
    streamed = events(*spoken(), chunk({}, "stop"), last)
    await _in_kind(connection, http(200, completion(usage=usage)), streamed)


@fault("right")
async def has_usage_beyond_belief(connection: Connection) -> None:
    usage = {"prompt_tokens": 10**30, "completion_tokens": 10**30, "total_tokens": 2 * 10**30}
    last = chunk({}, None, choices=[], usage=usage)
    streamed = events(*spoken(), chunk({}, "stop"), last)
    await _in_kind(connection, http(200, completion(usage=usage)), streamed)


@fault("either")
async def has_words_for_usage(connection: Connection) -> None:
    usage = {"prompt_tokens": "many", "completion_tokens": "few"}
    last = chunk({}, None, choices=[], usage=usage)
    streamed = events(*spoken(), chunk({}, "stop"), last)
    await _in_kind(connection, http(200, completion(usage=usage)), streamed)


@fault("either")
async def ends_for_an_unknown_reason(connection: Connection) -> None:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": ANSWER},
        "finish_reason": "bored",
    }
    streamed = events(*spoken(), chunk({}, "bored"), b"data: [DONE]\n\n")
    await _in_kind(connection, http(200, completion(choices=[choice])), streamed)


# -- refusals --------------------------------------------------------------------------------------


def _refuses(name: str, answer: bytes) -> None:
    async def behave(connection: Connection) -> None:
        await connection.write(answer)

    behave.__name__ = name
    fault("fails")(behave)


for _status in (401, 403, 404, 405, 408, 409, 418, 500, 501, 502, 503, 504, 520, 529, 599):
    _refuses(f"answers_{_status}", _error(_status))
_refuses("is_busy", _error(429))
_refuses("is_busy_for_an_hour", _error(429, Retry_After="3600"))
_refuses("is_busy_until_a_date", _error(429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT"))
_refuses("is_busy_for_a_negative_time", _error(429, Retry_After="-5"))
_refuses("is_busy_for_ever", _error(429, Retry_After="inf"))
_refuses("has_no_quota_left", _error(429, "insufficient_quota"))
_refuses("fails_with_a_web_page", http(502, b"<html>nginx</html>", "text/html"))
_refuses("fails_with_a_broken_body", http(500, b'{"error": {"mess', Content_Length="500"))


# -- the stream ------------------------------------------------------------------------------------


def _streams(name: str, ending: Ending, *parts: bytes) -> None:
    """A fault of streams alone: plain requests are answered well."""

    async def behave(connection: Connection) -> None:
        await connection.write(events(*parts) if connection.streamed else well(streamed=False))

    behave.__name__ = name
    fault(ending, of_streams=True)(behave)


_half = spoken()[:3]
_streams("breaks_off_without_a_reason", "fails", *_half)
_streams("breaks_off_within_an_event", "fails", *_half, b'data: {"choices": [{"ind')
_streams("breaks_off_within_a_letter", "fails", *_half, b'data: {"choices": [{"x": "\xe2\x82')
_streams("says_done_too_early", "fails", *_half, b"data: [DONE]\n\n")
_streams(
    "sends_an_error_in_the_middle", "fails", *_half, b'data: {"error": {"message": "SECRET"}}\n\n'
)
_streams("sends_garbage_in_the_middle", "fails", *_half, b"data: {not json\n\n", ended())
_streams("sends_null_in_the_middle", "fails", *_half, b"data: null\n\n", ended())
_streams("streams_nothing", "fails", b"")
_streams("forgets_the_done", "right", *spoken(), chunk({}, "stop"))
_streams("ends_twice", "right", *spoken(), chunk({}, "stop"), ended())
_streams("has_windows_line_ends", "right", *(e.replace(b"\n", b"\r\n") for e in spoken()), ended())
_streams("floods_with_comments", "right", b": hello\n\n" * 10_000, *spoken(), ended())
_streams("has_unknown_events", "right", b"event: ping\ndata: {}\n\n", *spoken(), ended())
_streams("names_other_fields", "right", *spoken(), chunk({"color": "red"}), ended())
_streams(
    "calls_a_tool_that_nobody_has",
    "either",
    chunk({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "rm", "arguments": "{"}}]}),
    ended(),
)
_streams(
    "calls_tools_without_names",
    "either",
    chunk({"tool_calls": [{"index": 0, "function": None}, {"index": 1}]}),
    ended(),
)


@fault("right")
async def sends_single_bytes(connection: Connection) -> None:
    await connection.slowly(well(connection.streamed), pause_s=0)


@fault("fails")
async def sends_an_event_without_end(connection: Connection) -> None:
    await connection.write(events(*_half, b"data: "))
    while True:
        await connection.write(b"x" * 2**20)


@fault("fails")
async def sends_comments_for_ever(connection: Connection) -> None:
    await connection.write(events(*_half))
    while True:
        await connection.write(b": still here\n\n")
        await asyncio.sleep(0.01)


@fault("fails")
async def stalls_after_some_words(connection: Connection) -> None:
    await connection.write(events(*_half) if connection.streamed else b"")
    await asyncio.Event().wait()


@fault("fails")
async def resets_after_some_words(connection: Connection) -> None:
    await connection.write(events(*_half) if connection.streamed else b"")
    await asyncio.sleep(0.05)
    connection.reset()


@fault("either")
async def mistakes_plain_for_streamed(connection: Connection) -> None:
    await connection.write(well(not connection.streamed))
