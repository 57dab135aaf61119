"""Simulated crashes of a process, as by ``kill -9``: nothing runs in it afterwards."""

from typing import Any

from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool, Observation, WrappedTool
from genai.memory.store import Command, Store
from genai.messages import ChatRequest, Completion, RequestContext


class Killed(BaseException):
    """A `BaseException`, so that no code of the process handles it."""


EVER = 10**9


class CrashCountdown:
    """Crashes after a number of steps. Each call of Redis, a model or a tool has two: before and after it.

    ``acts`` counts only the steps of tools, which are rare and the most dangerous.
    """

    def __init__(self, steps: int = EVER, acts: int = EVER) -> None:
        self.left = steps
        self.acts = acts

    @property
    def crashed(self) -> bool:
        return self.left <= 0 or self.acts <= 0

    def step(self) -> None:
        self.left -= 1
        if self.crashed:
            raise Killed

    def act(self) -> None:
        self.acts -= 1
        self.step()


def inject_crashes(store: Store, countdown: CrashCountdown) -> None:
    """Make commands crash before they are sent, or after they took effect but before the reply is read."""
    run, post = store.run, store.post

    async def crashing_run(command: Command[Any]) -> Any:
        countdown.step()
        reply = await run(command)
        countdown.step()
        return reply

    def crashing_post(command: Command[Any]) -> None:
        if not countdown.crashed:
            post(command)

    store.run = crashing_run  # type: ignore[method-assign]
    store.post = crashing_post  # type: ignore[method-assign]


class CrashingLLM(BaseLLM):
    def __init__(self, inner: BaseLLM, countdown: CrashCountdown) -> None:
        self.name = inner.name
        self._inner = inner
        self._countdown = countdown

    async def async_chat(self, request: ChatRequest) -> Completion:
        self._countdown.step()
        said = await self._inner.async_chat(request)
        self._countdown.step()
        return said


class CrashingTool(WrappedTool):
    def __init__(self, inner: BaseTool, countdown: CrashCountdown) -> None:
        super().__init__(inner)
        self._countdown = countdown

    async def async_run(self, arguments: Any, context: RequestContext) -> Observation:
        self._countdown.act()
        seen = await self._inner.async_run(arguments, context)
        self._countdown.act()
        return seen
