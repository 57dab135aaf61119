"""Chooses the guard by stage: one for the input, another for the output.

The input is complete, and its checks may be expensive: they can run in another process. The output is a
stream: its checks see every part, and a remote call for each would cost more than the checks.
"""

from collections.abc import Mapping

from genai.errors import GuardUnavailable
from genai.messages import RequestContext
from genai.safety.base import Guard, Stage, Verdict


class ByStage(Guard):
    """A stage without a guard lets nothing pass."""

    def __init__(self, guards: Mapping[Stage, Guard]) -> None:
        self._guards = dict(guards)

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        guard = self._guards.get(stage)
        if guard is None:
            raise GuardUnavailable("nothing checks this kind of text")
        return await guard.async_inspect(text, stage, context, final=final, start=start)
