"""What the clients ask, and what a right answer to it is.

Every route of the assistant, whole and streamed. The service answers each of them once before any
harm is done; later answers must be the same, or say that they are degraded.
"""

from dataclasses import dataclass
from typing import Any

import orjson

GENERATE = "/v1/assistant/generate"
COMPLETIONS = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of request."""

    name: str
    path: str
    body: dict[str, Any]

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))


@dataclass(frozen=True, slots=True)
class Said:
    """What came back. ``fault`` says what is wrong with it."""

    text: str = ""
    degraded: bool = False
    fault: str = ""


def questions() -> tuple[Asked, ...]:
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
        Asked("documents", GENERATE, documents),
        Asked("documents, streamed", GENERATE, {**documents, "stream": True}),
        Asked("figures", GENERATE, figures),
        Asked("figures, streamed", GENERATE, {**figures, "stream": True}),
        Asked("chat", GENERATE, chat),
        Asked("completion", COMPLETIONS, completion),
        Asked("completion, streamed", COMPLETIONS, {**completion, "stream": True}),
    )


def read(asked: Asked, status: int, body: bytes) -> Said:
    if status != 200:
        return Said(fault=f"{status} {_code(body)}")
    try:
        return _stream(body) if asked.streamed else _whole(orjson.loads(body))
    except (ValueError, KeyError, IndexError):
        return Said(fault="not understood")


def _code(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "without an error object"


def _whole(answer: dict[str, Any]) -> Said:
    if "choices" in answer:
        text = answer["choices"][0]["message"]["content"]
        return Said(text, degraded="degraded_reason" in answer)
    return Said(answer["output"], degraded=bool(answer["degraded"]))


def _stream(body: bytes) -> Said:
    """The text of the tokens, which must also be the text of the last event, where that has one."""
    text, degraded, ended = "", False, body.endswith(b"data: [DONE]\n\n")
    for block in body.split(b"\n\n"):
        data = next((line[6:] for line in block.split(b"\n") if line.startswith(b"data: ")), b"")
        if not data or data == b"[DONE]":
            continue
        event = orjson.loads(data)
        if isinstance(event.get("error"), dict):
            return Said(text, fault=f"error event {event['error']['code']}")
        text += _words(event)
        degraded = degraded or bool(event.get("degraded") or event.get("degraded_reason"))
        if "output" in event:
            ended = True
            if event["output"] != text:
                return Said(text, fault="the tokens are not the answer")
    return Said(text, degraded, "" if ended else "the stream broke off")


def _words(event: dict[str, Any]) -> str:
    if "choices" in event:
        return "".join(choice["delta"].get("content") or "" for choice in event["choices"])
    return str(event.get("text", ""))
