"""Checks short texts in this process and long ones in another.

For a short text, the call to another process costs more than the checks. For a long one, the checks would
block the event loop of this process.
"""

from genai.messages import RequestContext
from genai.safety.base import Guard, Stage, Verdict


class ByLength(Guard):
    """Both guards must have the same rules. ``most_chars`` is the longest text for ``here``."""

    def __init__(self, here: Guard, elsewhere: Guard, most_chars: int) -> None:
        self._here = here
        self._elsewhere = elsewhere
        self._most_chars = most_chars

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        guard = self._here if len(text) <= self._most_chars else self._elsewhere
        return await guard.async_inspect(text, stage, context, final=final, start=start)
