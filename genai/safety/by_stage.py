"""One guard for what comes in, another for what goes out.

What comes in is whole, and its checks may be as heavy as an operator likes: they can run elsewhere.
What goes out streams: its checks see every part of it, and a call to another process for each would
cost more than all of them.
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
