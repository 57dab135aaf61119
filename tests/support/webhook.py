"""A receiver of webhooks on this machine."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class WebhookReceiver:
    """``received`` holds the bodies in order. The first ``failing`` requests get a 500."""

    def __init__(self, failing: int = 0) -> None:
        self.received: list[dict[str, Any]] = []
        self.url = ""
        self._failing = failing
        self._arrived = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        if self._failing:
            self._failing -= 1
            return web.Response(status=500)
        self.received.append(json.loads(await request.text()))
        self._arrived.set()
        return web.Response()

    async def first(self) -> dict[str, Any]:
        await asyncio.wait_for(self._arrived.wait(), 10)
        return self.received[0]


@asynccontextmanager
async def webhook_receiver(failing: int = 0) -> AsyncIterator[WebhookReceiver]:
    receiver = WebhookReceiver(failing)
    app = web.Application()
    app.router.add_post("/alerts", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/alerts"
    try:
        yield receiver
    finally:
        await runner.cleanup()
