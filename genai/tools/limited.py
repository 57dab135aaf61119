"""Enforces the limits of a tool: roles, time, and length of the result."""

import asyncio

from pydantic import BaseModel

from genai.base.tool import Observation, WrappedTool
from genai.errors import BackendFailed, DeadlineExceeded, Forbidden
from genai.messages import RequestContext

GRACE_S = 0.5
"""Extra time for a tool that enforces its own limit, because its message is more specific."""

CUT = "\n(the rest is cut)"


class LimitedTool(WrappedTool):
    """Runs the inner tool, within its ``roles``, ``timeout_s`` and ``max_result_chars``.

    Raises `Forbidden` for a caller without a role, `DeadlineExceeded` if the request has no time left,
    and `BackendFailed` if a tool with side effects took too long, because its outcome is unknown.
    """

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        if not self.serves(context):
            raise Forbidden("this key may not use that tool")
        if context.remaining_s() <= 0:
            raise DeadlineExceeded("no time is left to use a tool")
        try:
            async with asyncio.timeout(min(self.timeout_s + GRACE_S, context.remaining_s())):
                seen = await self._inner.async_run(arguments, context)
        except TimeoutError:
            return self._late(context)
        return Observation(text=self._cut(seen.text), error=seen.error and self._cut(seen.error))

    def _late(self, context: RequestContext) -> Observation:
        if self.side_effects:
            raise BackendFailed(f"{self.name} did not answer in time", False)
        if context.remaining_s() <= 0:
            raise DeadlineExceeded("the time ran out while a tool was used")
        return Observation(text="", error=f"the tool took longer than {self.timeout_s:g} s")

    def _cut(self, text: str) -> str:
        most = self.max_result_chars
        return text if len(text) <= most else text[: most - len(CUT)] + CUT
