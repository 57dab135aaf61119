"""A strict reader of server-sent events: what a browser would silently drop is an error here."""

import json
from typing import Any


def parse_events(stream: bytes) -> list[tuple[str, Any]]:
    """Names and data of all events; comments are skipped, the name is ``message`` by default."""
    text = stream.decode("utf-8")
    assert "\r" not in text
    assert text.endswith("\n\n"), "the stream ends within an event"
    return [event for block in text.split("\n\n")[:-1] if (event := _parse(block))]


def _parse(block: str) -> tuple[str, Any] | None:
    if block.startswith(":"):
        assert "\n" not in block
        return None
    lines = dict(line.split(": ", 1) for line in block.split("\n"))
    assert lines.keys() <= {"id", "event", "data"}
    assert "data" in lines
    data = lines["data"]
    return lines.get("event", "message"), data if data == "[DONE]" else json.loads(data)
