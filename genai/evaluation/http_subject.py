"""The running application over HTTP, as an evaluation subject."""

from typing import Any

import aiohttp

from genai.base.evaluator import EvaluationExample
from genai.errors import BackendFailed, ContentRefused, DeadlineExceeded, Overloaded
from genai.messages import Answer, Bill, RequestContext, Usage
from genai.money import micro_usd

REFUSED = 422


class HTTPSubject:
    """Closed with `async_close`."""

    def __init__(self, name: str, url: str, key: str, *, max_tokens: int) -> None:
        self.name = name
        self._url = url.rstrip("/") + "/v1/assistant/generate"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._max_tokens = max_tokens
        self._session: aiohttp.ClientSession | None = None

    async def async_ask(self, example: EvaluationExample, context: RequestContext) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        body = {
            "input": example.input,
            "route": example.route,
            "max_tokens": self._max_tokens,
            "session_id": f"evaluation-{context.request_id}",
        }
        timeout = aiohttp.ClientTimeout(total=context.remaining_s())
        try:
            async with self._session.post(self._url, json=body, timeout=timeout) as response:
                return self._answer(response.status, await response.json())
        except TimeoutError as error:
            raise DeadlineExceeded("the application took too long") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise BackendFailed("the application cannot be reached") from error

    async def async_close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @staticmethod
    def _answer(status: int, body: dict[str, Any]) -> Answer:
        if status == REFUSED:
            raise ContentRefused(body["error"]["message"], "")
        if status in (429, 503):
            raise Overloaded("the application is busy")
        if status != 200:
            raise BackendFailed(f"the application answered with {status}")
        usage = body["usage"]
        return Answer(
            id=body["id"],
            text=body["output"],
            route=body["route"],
            model=body["model"],
            certainty=body["certainty"],
            citations=tuple(body["citations"]),
            steps=tuple(body["steps"]),
            safety=tuple(body["safety"]),
            usage=Usage(
                prompt_tokens=usage["prompt_tokens"],
                completion_tokens=usage["completion_tokens"],
                cost_micro_usd=micro_usd(usage["cost_usd"]),
                bills=(Bill(model=body["model"]),),
            ),
            finish_reason=body["finish_reason"],
            degraded=body["degraded_reason"],
        )
