"""One HTTP request against an ASGI application, message by message."""

import asyncio
from typing import Any

from tests.support.services import KEY

Message = dict[str, Any]


class Exchange:
    """Sends a request and collects the response; `leave` hangs up."""

    def __init__(
        self,
        app: Any,
        path: str,
        body: bytes | list[bytes],
        *,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.messages: list[Message] = []
        self.wrote = asyncio.Event()
        self.asked_for = 0
        self._parts = [body] if isinstance(body, bytes) else list(body)
        self._gone = asyncio.Event()
        given = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        scope = _scope(path, given | (headers or {}))
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    def leave(self) -> None:
        self._gone.set()

    async def finished(self) -> None:
        async with asyncio.timeout(5):
            await self.task

    async def some_output(self) -> None:
        async with asyncio.timeout(5):
            await self.wrote.wait()

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def writes(self) -> list[bytes]:
        return [message["body"] for message in self.messages[1:]]

    @property
    def body(self) -> bytes:
        return b"".join(self.writes)

    async def _receive(self) -> Message:
        if self._parts:
            self.asked_for += 1
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.messages.append(message)
        if message["type"] == "http.response.body":
            self.wrote.set()
            if not message["more_body"]:
                self._gone.set()


def _scope(path: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
