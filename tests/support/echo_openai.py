"""A server of a provider that repeats whatever it reads, and acts on it where it has tools."""

import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from tests.support.fake_openai import FakeOpenAI, says, streams

REFUSE = "Please refuse this."


class EchoOpenAI(FakeOpenAI):
    """Repeats the last message verbatim, followed by ``adds``. A message with `REFUSE` gets an error that
    repeats it.

    With tools, it looks the text up in the database, then calls ``effect``, and then repeats the results.
    """

    def __init__(self, adds: str, effect: tuple[str, dict[str, Any]]) -> None:
        super().__init__()
        self._adds = adds
        self._effect = effect

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        told = body["messages"][-1]["content"]
        if REFUSE in told:
            error = {"message": f"cannot take {told}", "type": "invalid_request_error"}
            return web.json_response({"error": error}, status=400)
        calls = self._calls(body)
        text = "" if calls else f"{told} {self._adds}"
        if body.get("stream"):
            named = [{"index": number} | call for number, call in enumerate(calls)]
            return await streams(_parts(text), tools=named)(request)
        return await says(text, **({"tool_calls": calls} if calls else {}))(request)

    def _calls(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        if not body.get("tools"):
            return []
        messages = body["messages"]
        made = sum(message["role"] == "tool" for message in messages)
        asked = next(m["content"] for m in reversed(messages) if m["role"] == "user")
        quoted = asked.replace("'", "''")
        wanted = [("sql", {"query": f"SELECT '{quoted}' AS said"}), self._effect][made : made + 1]
        return [
            {
                "id": f"call_{made}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for name, arguments in wanted
        ]


def _parts(text: str) -> Iterator[str]:
    """Parts with arbitrary boundaries."""
    return (text[start : start + 7] for start in range(0, len(text), 7))
