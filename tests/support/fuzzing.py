"""Requests that nobody would send, and what every answer to one must be like.

A part of them is made from the OpenAPI document (schemathesis), the others from requests that are
fine, by breaking them in one place (hypothesis).
"""

import asyncio
import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

import jsonschema
import requests
import schemathesis
from hypothesis import strategies as st

from tests.support.sse import parse_events

ERROR = {"code", "message", "request_id", "type", "param"}
LONG_ENOUGH = 6
"""Shorter texts may occur in an error by chance."""

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", " ", "\ud800", "\0", "auto", "user", "\u202e", 10**400, -1, 2**64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES: dict[str, dict[str, Any]] = {
    "/v1/assistant/generate": {
        "input": "hi",
        "session_id": "s",
        "route": "rag",
        "stream": False,
        "durable": False,
        "max_tokens": 5,
        "temperature": 0.5,
        "timeout_s": 5,
        "metadata": {"a": "b"},
    },
    "/v1/approvals/{approval_id}": {
        "decision": "edit",
        "arguments": {"card_id": 1},
        "comment": "c",
    },
    "/v1/chat/completions": {
        "model": "bank",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "x"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
        "tool_choice": "auto",
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {"type": "object"}},
        },
        "stop": ["a"],
        "seed": 1,
        "n": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
    },
    "/mcp": {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask_assistant", "arguments": {"question": "hi"}},
    },
    "/v1/embeddings": {"model": "all-MiniLM-L6-v2", "input": ["a"], "encoding_format": "base64"},
    "/v1/documents": {"id": "d", "title": "t", "text": "x", "source": "s"},
    "/v1/feedback": {"answer_id": "a", "rating": "up", "comment": "c"},
    "/v1/keys": {
        "user": "ada",
        "roles": ["user"],
        "name": "n",
        "limits": {"requests_per_minute": 1},
        "budget": {"usd_per_day": 1.5},
        "expires_in_s": 60,
    },
    "/v1/budgets": {"scope": "user", "name": "ada", "usd_per_day": 1.5, "usd_per_month": 2},
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
PATHS = (
    *BODIES,
    "/v1/models/bank",
    "/v1/documents/d",
    "/v1/sessions/s",
    "/v1/usage",
    "/v1/budgets/user/ada",
    "/v1/subjects/nobody",
    "/v1/audit",
    "/v1/approvals",
    "/v1/approvals/apr_1",
    "/v1/runs/run_1",
    "/v1/runs/run_1/events",
    "/healthz",
    "/readyz",
    "/docs",
)
HEADERS = (
    b"accept",
    b"accept-encoding",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"cookie",
    b"expect",
    b"idempotency-key",
    b"range",
    b"traceparent",
    b"transfer-encoding",
    b"x-forwarded-for",
)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: bytes
    """Percent-encoded, as sent."""

    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    def texts(self) -> Iterator[str]:
        """All texts that an error might repeat."""
        for part in re.split(rb"[/&=?]", self.path + b"&" + self.query):
            yield unquote(part.decode("latin-1"), errors="replace")
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            yield self.body.decode(errors="replace")
        else:
            yield from leaves(value)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Tally:
    """Counts of responses for the report."""

    statuses: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        found = ", ".join(f"{n} of {status}" for status, n in sorted(self.statuses.items()))
        return f"{self.statuses.total()} requests: {found}"


async def send(http: Any, request: Request, key: str) -> Response:
    """Send a request to the application, with a key unless the request has its own."""
    headers = list(request.headers)
    if not any(name == b"authorization" for name, _ in headers):
        headers.append((b"authorization", f"Bearer {key}".encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote_to_bytes(request.path).decode(errors="replace"),
        "raw_path": request.path,
        "query_string": request.query,
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    messages: list[dict[str, Any]] = []
    unsent = [{"type": "http.request", "body": request.body, "more_body": False}]
    answered = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if unsent:
            return unsent.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def forward(message: dict[str, Any]) -> None:
        messages.append(message)
        if not message.get("more_body", message["type"] == "http.response.start"):
            answered.set()

    await http(scope, receive, forward)
    start, *parts = messages
    named = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Response(start["status"], named, b"".join(part.get("body", b"") for part in parts))


class Judge:
    """Checks responses against the OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._words = json.dumps(document).lower()
        self._validators: dict[tuple[str, str, str], jsonschema.Draft202012Validator] = {}

    def complaints(self, request: Request, response: Response, path: str = "") -> Iterator[str]:
        """``path`` is the path template of the document, if the request is to one of its operations."""
        if response.status >= 500:
            yield f"a {response.status}"
        if response.status >= 400:
            yield from self._wrong_in_error(request, response)
        elif path:
            yield from self._wrong_in_answer(request, response, path)

    def _wrong_in_error(self, request: Request, response: Response) -> Iterator[str]:
        if request.method == "HEAD":
            return
        try:
            error = json.loads(response.body)["error"]
        except (ValueError, KeyError, TypeError):
            yield "an error in another shape"
            return
        if error.keys() != ERROR:
            yield "an error with other fields"
        told = {
            name: value for name, value in error.items() if name != "type"
        }  # one of a few words
        shown = f"{json.dumps(told, ensure_ascii=False)} {json.dumps(told)}"
        for text in request.texts():
            if len(text) >= LONG_ENOUGH and text.lower() not in self._words and text in shown:
                yield f"an echo of {text!r}"

    def _wrong_in_answer(self, request: Request, response: Response, path: str) -> Iterator[str]:
        if response.headers["content-type"].startswith("text/event-stream"):
            events = [data for name, data in parse_events(response.body) if name == "done"]
            values = events if path == "/v1/assistant/generate" else []
        elif response.headers["content-type"] == "application/json" and response.body:
            values = [json.loads(response.body)]
        else:
            return
        validator = self._validator(path, request.method.lower(), str(response.status))
        for value in values:
            for mistake in validator.iter_errors(value):
                yield f"an answer against its schema: {mistake.message[:200]}"

    def _validator(self, path: str, method: str, status: str) -> jsonschema.Draft202012Validator:
        if (path, method, status) not in self._validators:
            documented = self._document["paths"][path][method]["responses"][status]
            schema = documented["content"]["application/json"]["schema"]
            whole = {**schema, "components": self._document["components"]}
            self._validators[path, method, status] = jsonschema.Draft202012Validator(whole)
        return self._validators[path, method, status]


def of_case(case: schemathesis.Case) -> Request:
    """The request of a schemathesis case."""
    made = requests.Request(**_of_requests(case.as_transport_kwargs(base_url="http://test")))
    prepared = made.prepare()
    path, _, query = (prepared.path_url or "/").partition("?")
    body = prepared.body or b""
    headers = tuple(
        (_bytes(name).lower(), _bytes(value))
        for name, value in prepared.headers.items()
        if name.lower() not in {"authorization", "transfer-encoding"}
    )
    return Request(
        prepared.method or "GET",
        path.encode("latin-1", "replace"),
        query.encode("latin-1", "replace"),
        headers,
        _bytes(body) if isinstance(body, str | bytes) else b"".join(map(_bytes, body)),
    )


def _of_requests(known: dict[str, Any]) -> dict[str, Any]:
    taken = ("method", "url", "params", "headers", "cookies", "data", "json", "files")
    return {name: known[name] for name in taken if name in known}


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


@st.composite
def broken_requests(draw: st.DrawFn) -> Request:
    """A valid request with one or two errors."""
    path = draw(st.sampled_from(PATHS))
    body = json.dumps(draw(broken_bodies(path))).encode() if path in BODIES else b""
    method = "POST" if body else draw(st.sampled_from(("GET", "DELETE")))
    headers = {b"content-type": b"application/json"}
    query, raw = b"", path.replace("{approval_id}", "apr_1").encode()
    match draw(st.sampled_from(("none", "bytes", "method", "header", "path", "query", "key"))):
        case "bytes":
            body = draw(st.binary(max_size=40) | _cut(body) | st.sampled_from(AWKWARD))
        case "method":
            method = draw(st.sampled_from(METHODS))
        case "header":
            name = draw(st.sampled_from(HEADERS))
            headers[name] = draw(st.text(LATIN, max_size=40)).encode("latin-1")
        case "path":
            segment = draw(st.text(max_size=20).map(_quoted))
            raw = draw(st.sampled_from((b"/" + segment, raw + segment, raw + b"/" + segment)))
        case "query":
            query = draw(st.binary(max_size=30).map(_harmless))
        case "key":
            headers[b"authorization"] = draw(st.text(LATIN, max_size=60)).encode("latin-1")
    return Request(method, raw, query, tuple(headers.items()), body)


LATIN = st.characters(min_codepoint=0x20, max_codepoint=0xFF, blacklist_characters="\x7f")
AWKWARD = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"[" * 5_000,
    b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    b'{"input": "hi", "input": "ho"}',
    b'{"input": "\xff\xfe"}',
    b'{"input": "hi", "temperature": NaN}',
    b'{"input": "hi", "max_tokens": ' + b"9" * 5_000 + b"}",
    b'\xef\xbb\xbf{"input": "hi"}',
    b'{"input": "hi"} trailing',
    b'{"input": "' + b"x" * 40_000 + b'"}',
)


@st.composite
def broken_bodies(draw: st.DrawFn, path: str) -> dict[str, Any]:
    """The body with the value at one random place replaced."""
    whole = copy.deepcopy(BODIES[path])
    at: Any = whole
    while True:
        key = draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or draw(st.booleans()):
            at[key] = draw(VALUES)
            return whole
        at = at[key]


def _cut(body: bytes) -> st.SearchStrategy[bytes]:
    return st.integers(0, len(body)).map(lambda at: body[:at])


def _quoted(text: str) -> bytes:
    """Percent-encoded, except for characters that are allowed in paths."""
    raw = text.encode("utf-8", "surrogatepass")
    return b"".join(bytes([b]) if chr(b).isalnum() and b < 128 else b"%%%02X" % b for b in raw)


def _harmless(raw: bytes) -> bytes:
    """A query as a server would parse it."""
    return bytes(b if 0x21 <= b <= 0x7E and b != 0x23 else 0x26 for b in raw)


def leaves(value: Any) -> Iterator[str]:
    """All texts and long numbers within a JSON value, names included."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            yield item
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield json.dumps(item)
