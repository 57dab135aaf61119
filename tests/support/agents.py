"""Fakes for tests of agents and tools."""

import time
from collections.abc import Sequence

from pydantic import BaseModel

from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool, Observation
from genai.errors import InvalidInput
from genai.messages import ChatRequest, Completion, Question, RequestContext, Usage


def a_context(*, seconds: float = 30.0) -> RequestContext:
    return RequestContext(
        request_id="r-1", tenant="bank", user="ada", deadline=time.time() + seconds
    )


def a_question(text: str = "How many?", *, seconds: float = 30.0) -> Question:
    return Question(text=text, context=a_context(seconds=seconds))


class CannedLLM(BaseLLM):
    """Returns its replies in order, and repeats the last. Records the requests."""

    name = "canned"

    def __init__(self, *replies: str, refuses_schema: bool = False) -> None:
        self.requests: list[ChatRequest] = []
        self._replies = replies
        self._refuses_schema = refuses_schema

    async def async_chat(self, request: ChatRequest) -> Completion:
        if self._refuses_schema and request.sampling.json_schema:
            raise InvalidInput("this model cannot be held to a schema")
        reply = self._replies[min(len(self.requests), len(self._replies) - 1)]
        self.requests.append(request)
        usage = Usage(prompt_tokens=10, completion_tokens=2, cost_micro_usd=3)
        return Completion(text=reply, model=self.name, usage=usage)


class LookupArguments(BaseModel):
    key: str


class LookupTool(BaseTool):
    """Looks up known keys; other keys are an `Observation.error`."""

    name = "lookup"
    description = "Look a value up."
    input_schema: type[BaseModel] = LookupArguments

    def __init__(self, known: dict[str, str]) -> None:
        self.asked: list[str] = []
        self._known = known

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        assert isinstance(arguments, LookupArguments)
        self.asked.append(arguments.key)
        if arguments.key not in self._known:
            return Observation(text="", error="no such key")
        return Observation(text=self._known[arguments.key])


def texts(requests: Sequence[ChatRequest]) -> list[str]:
    """The last message of each request."""
    return [request.messages[-1].content for request in requests]
