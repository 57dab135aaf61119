"""Processes that may die at any moment, as by ``kill -9``: nothing runs in them afterwards."""

from typing import Any

from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool, Observation, WrappedTool
from genai.memory.store import Command, Store
from genai.messages import ChatRequest, Completion, RequestContext


class Killed(BaseException):
    """No code of the process can catch this and go on."""


EVER = 10**9


class Life:
    """Ends after so many moments; each call of Redis, a model or a tool has two of them.

    ``acts`` ends it after so many moments of tools, which are rare and the most dangerous.
    """

    def __init__(self, moments: int = EVER, acts: int = EVER) -> None:
        self.left = moments
        self.acts = acts

    @property
    def over(self) -> bool:
        return self.left <= 0 or self.acts <= 0

    def moment(self) -> None:
        self.left -= 1
        if self.over:
            raise Killed

    def act(self) -> None:
        self.acts -= 1
        self.moment()


def make_mortal(store: Store, life: Life) -> None:
    """The process may die before a command leaves, and after it took effect unheard."""
    run, post = store.run, store.post

    async def mortal_run(command: Command[Any]) -> Any:
        life.moment()
        reply = await run(command)
        life.moment()
        return reply

    def mortal_post(command: Command[Any]) -> None:
        if not life.over:
            post(command)

    store.run = mortal_run  # type: ignore[method-assign]
    store.post = mortal_post  # type: ignore[method-assign]


class MortalLLM(BaseLLM):
    def __init__(self, inner: BaseLLM, life: Life) -> None:
        self.name = inner.name
        self._inner = inner
        self._life = life

    async def async_chat(self, request: ChatRequest) -> Completion:
        self._life.moment()
        said = await self._inner.async_chat(request)
        self._life.moment()
        return said


class MortalTool(WrappedTool):
    def __init__(self, inner: BaseTool, life: Life) -> None:
        super().__init__(inner)
        self._life = life

    async def async_run(self, arguments: Any, context: RequestContext) -> Observation:
        self._life.act()
        seen = await self._inner.async_run(arguments, context)
        self._life.act()
        return seen
