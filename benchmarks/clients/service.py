"""The HTTP API over a model that fails on request: ``python -m benchmarks.clients.service PORT``.

All other components are fakes, so that every error can be provoked at once.
"""

import sys
from collections.abc import AsyncIterator

import uvicorn

from deployments.api.app import build_http_app
from deployments.api.errors import OwnDeadline
from deployments.api.shutdown import shutting_down
from genai.access.limits import LimitState, OverLimit
from genai.errors import (
    BackendFailed,
    BudgetExceeded,
    Conflict,
    ContentRefused,
    DeadlineExceeded,
    Forbidden,
    GenAIError,
    InvalidInput,
    ModelNotFound,
    Overloaded,
)
from genai.messages import ChatRequest, Chunk, Completion
from genai.meter import Meter
from tests.support.services import FakeCompletions, Fakes

STATE = LimitState(60, 0, 1000, 0, 7.0)
ERRORS: dict[str, GenAIError] = {
    "invalid": InvalidInput("temperature is too high", "temperature"),
    "budget": BudgetExceeded("the budget of this key for today does not cover this request", 60.0),
    "forbidden": Forbidden("this key lacks the role"),
    "missing": ModelNotFound(),
    "own deadline": OwnDeadline("the request did not finish within its timeout_s"),
    "conflict": Conflict("the first request still runs"),
    "refused": ContentRefused("This cannot be answered, because a safety check objected.", "rule"),
    "limited": OverLimit("over the limit of requests per minute of this key", 7.0, STATE),
    "overloaded": Overloaded("too many requests are waiting"),
    "stopping": shutting_down(),
    "deadline": DeadlineExceeded("the request did not finish in time"),
    "broken": BackendFailed("the model failed"),
}


class FailingCompletions(FakeCompletions):
    """Raises the error that the last message names; answers any other message."""

    async def async_chat(self, model: str, request: ChatRequest) -> Completion:
        if error := ERRORS.get(request.messages[-1].content):
            raise error
        return await super().async_chat(model, request)

    async def async_stream(
        self, model: str, request: ChatRequest, meter: Meter | None = None
    ) -> AsyncIterator[Chunk]:
        """An error after ``then`` is raised after the first words."""
        early, _, late = request.messages[-1].content.partition("then ")
        if error := ERRORS.get(early):
            raise error
        async for chunk in super().async_stream(model, request, meter):
            yield chunk
            if error := ERRORS.get(late):
                raise error


if __name__ == "__main__":
    app = build_http_app(Fakes(completions=FailingCompletions()).services())
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
