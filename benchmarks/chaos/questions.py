"""The requests of the clients, and how their replies are parsed.

They cover every route of the assistant, whole and streamed.
"""

from dataclasses import dataclass
from typing import Any

import orjson

GENERATE = "/v1/assistant/generate"
COMPLETIONS = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class RequestCase:
    """A request to repeat."""

    name: str
    path: str
    body: dict[str, Any]

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))


@dataclass(frozen=True, slots=True)
class Reply:
    """The content of a response. ``fault`` is empty if it is well-formed."""

    text: str = ""
    degraded: bool = False
    fault: str = ""


def questions() -> tuple[RequestCase, ...]:
    documents = {"input": "What does a replacement card cost?", "route": "rag"}
    figures = {"input": "How many customers live in Dublin?", "route": "agent"}
    chat = {"input": "Say good morning.", "route": "chat", "max_tokens": 12}
    completion = {
        "model": "bank",
        "messages": [{"role": "user", "content": "Say good morning."}],
        "max_tokens": 12,
        "temperature": 0,
    }
    return (
        RequestCase("documents", GENERATE, documents),
        RequestCase("documents, streamed", GENERATE, {**documents, "stream": True}),
        RequestCase("figures", GENERATE, figures),
        RequestCase("figures, streamed", GENERATE, {**figures, "stream": True}),
        RequestCase("chat", GENERATE, chat),
        RequestCase("completion", COMPLETIONS, completion),
        RequestCase("completion, streamed", COMPLETIONS, {**completion, "stream": True}),
    )


def read(case: RequestCase, status: int, body: bytes) -> Reply:
    if status != 200:
        return Reply(fault=f"{status} {_code(body)}")
    try:
        return _stream(body) if case.streamed else _whole(orjson.loads(body))
    except (ValueError, KeyError, IndexError):
        return Reply(fault="not understood")


def _code(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "without an error object"


def _whole(answer: dict[str, Any]) -> Reply:
    if "choices" in answer:
        text = answer["choices"][0]["message"]["content"]
        return Reply(text, degraded="degraded_reason" in answer)
    return Reply(answer["output"], degraded=bool(answer["degraded"]))


def _stream(body: bytes) -> Reply:
    """The concatenated tokens, which must equal the text of the last event if it has one."""
    text, degraded, ended = "", False, body.endswith(b"data: [DONE]\n\n")
    for block in body.split(b"\n\n"):
        data = next((line[6:] for line in block.split(b"\n") if line.startswith(b"data: ")), b"")
        if not data or data == b"[DONE]":
            continue
        event = orjson.loads(data)
        if isinstance(event.get("error"), dict):
            return Reply(text, fault=f"error event {event['error']['code']}")
        text += _words(event)
        degraded = degraded or bool(event.get("degraded") or event.get("degraded_reason"))
        if "output" in event:
            ended = True
            if event["output"] != text:
                return Reply(text, fault="the tokens are not the answer")
    return Reply(text, degraded, "" if ended else "the stream broke off")


def _words(event: dict[str, Any]) -> str:
    if "choices" in event:
        return "".join(choice["delta"].get("content") or "" for choice in event["choices"])
    return str(event.get("text", ""))
