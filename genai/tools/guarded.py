"""Checks the results of a tool before a model reads them: data must not act as instructions."""

from pydantic import BaseModel

from genai.base.tool import BaseTool, Observation, WrappedTool
from genai.messages import Decision, RequestContext
from genai.safety.base import Guard
from genai.safety.worst_decisions import worst_decisions

WITHHELD = "the result is withheld: a safety check found instructions or secrets in it"


class GuardedTool(WrappedTool):
    """Runs the inner tool. A blocked result becomes an error hint for the model.

    Raises `GuardUnavailable` if the result could not be checked, and the errors of the tool.
    """

    def __init__(self, inner: BaseTool, guard: Guard) -> None:
        super().__init__(inner)
        self._guard = guard

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        seen = await self._inner.async_run(arguments, context)
        decided: list[Decision] = []
        text = await self._checked(seen.text, context, decided)
        error = await self._checked(seen.error or "", context, decided)
        safety = worst_decisions(decided)
        if text is None or error is None:
            return Observation(text="", error=WITHHELD, safety=safety)
        return Observation(text=text, error=error or None, safety=safety)

    async def async_objection(self, arguments: BaseModel, context: RequestContext) -> str:
        said = await self._inner.async_objection(arguments, context)
        checked = await self._checked(said, context, [])
        return WITHHELD if checked is None else checked

    async def _checked(
        self, text: str, context: RequestContext, decided: list[Decision]
    ) -> str | None:
        """The text that a model may read, or `None`. Adds the decisions."""
        if not text:
            return text
        verdict = await self._guard.async_inspect(text, "tool", context)
        decided += verdict.decisions
        return None if verdict.action == "block" else verdict.text
