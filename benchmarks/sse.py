"""Parses server-sent events of both formats: OpenAI's chunks and the assistant's own events."""

from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Event:
    """``tokens`` is the usage that the event reports, or 0."""

    text: str = ""
    tokens: int = 0
    error: str = ""


class EventReader:
    """Parses bytes as they arrive into complete events."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Event]:
        *blocks, self._rest = (self._rest + data).replace(b"\r\n", b"\n").split(b"\n\n")
        return [_event(value) for block in blocks for value in _values(block)]


def _values(block: bytes) -> list[dict[str, Any]]:
    lines = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
    return [orjson.loads(line) for line in lines if line != b"[DONE]"]


def _event(value: dict[str, Any]) -> Event:
    if "error" in value:
        return Event(error=str(value["error"]))
    usage = value.get("usage") or {}
    tokens = usage.get("completion_tokens", 0)
    if "choices" in value:
        deltas = [choice.get("delta") or {} for choice in value["choices"]]
        return Event("".join(delta.get("content") or "" for delta in deltas), tokens)
    return Event(value.get("text", ""), tokens)
