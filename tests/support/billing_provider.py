"""A fake model provider that records its own bills, to compare a ledger with."""

import asyncio
import random
from collections import defaultdict
from typing import Any

from aiohttp import web

PROMPT_PRICE, OUTPUT_PRICE = 3, 5
"""Micro-dollars per token."""


class BillingProvider:
    """Implements a part of OpenAI's protocol. Bills a call when its answer begins.

    Generates a random number of tokens within the limit, and sometimes fails, before or after billing.
    """

    def __init__(self, seed: int) -> None:
        self.bill: defaultdict[str, int] = defaultdict(int)
        self.calls: defaultdict[str, int] = defaultdict(int)
        self._dice = random.Random(seed)

    @property
    def total(self) -> int:
        return sum(self.bill.values())

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        request_id = request.headers["X-Client-Request-Id"]
        self.calls[request_id] += 1
        if self._dice.random() < 0.1:
            return web.json_response({"error": {"message": "busy"}}, status=500)
        prompt = 1 + len(body["messages"][-1]["content"]) // 4
        completion = self._dice.randint(1, body["max_tokens"])
        self.bill[request_id] += prompt * PROMPT_PRICE + completion * OUTPUT_PRICE
        await asyncio.sleep(self._dice.uniform(0, 0.05))
        return web.json_response(_answer(prompt, completion))


def _answer(prompt: int, completion: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": "word " * completion}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }
