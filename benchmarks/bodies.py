"""Request bodies for both endpoints."""

import json
from typing import Any, Literal

from benchmarks.load import SESSION
from benchmarks.text import QUESTION

Endpoint = Literal["generate", "chat"]

PATHS: dict[Endpoint, str] = {"generate": "/v1/assistant/generate", "chat": "/v1/chat/completions"}


def body(
    endpoint: Endpoint,
    *,
    max_tokens: int,
    stream: bool = False,
    model: str = "bank",
    system: str | None = None,
    usage: bool = False,
) -> str:
    """Only the assistant has sessions; only chat takes ``system`` and ``usage``."""
    value: dict[str, Any]
    if endpoint == "generate":
        value = {"input": QUESTION, "route": "chat", "session_id": SESSION}
    else:
        messages = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": QUESTION})
        value = {"model": model, "messages": messages}
    options: dict[str, Any] = {"max_tokens": max_tokens, "temperature": 0.0, "stream": stream}
    if usage and endpoint == "chat":
        options["stream_options"] = {"include_usage": True}
    return json.dumps(value | options)
