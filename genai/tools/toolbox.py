"""The read-only tools, for callers who use them directly."""

from collections.abc import Sequence

from genai.base.tool import BaseTool, Observation
from genai.errors import InvalidInput
from genai.messages import RequestContext, ToolSpec
from genai.safety.base import Guard
from genai.safety.json_values import with_json_values

REFUSED = "the result is withheld by a safety check"


class Toolbox:
    """Excludes tools with side effects: they need a run that can wait for an approval.

    ``guard`` checks the results as it checks answers.
    """

    def __init__(self, tools: Sequence[BaseTool], guard: Guard) -> None:
        self._tools = {tool.name: tool for tool in tools if not tool.side_effects}
        self._guard = guard

    async def async_specs(self, context: RequestContext) -> tuple[ToolSpec, ...]:
        """The tools that the caller may use. Raises `BackendFailed`."""
        offered = [tool for tool in self._tools.values() if tool.serves(context)]
        for tool in offered:
            await tool.async_prepare()
        return tuple(
            tool.spec.model_copy(update={"description": tool.description}) for tool in offered
        )

    async def async_use(self, name: str, arguments: str, context: RequestContext) -> Observation:
        """Raises `InvalidInput` for an unknown tool, and the errors of the tool."""
        tool = self._tools.get(name)
        if tool is None or not tool.serves(context):
            raise InvalidInput("there is no such tool", "name")
        await tool.async_prepare()
        try:
            seen = await tool.async_run(tool.parse(arguments), context)
        except InvalidInput as error:
            return Observation(text="", error=error.message)
        return await self._released(seen, context)

    async def _released(self, seen: Observation, context: RequestContext) -> Observation:
        said = seen.text if seen.error is None else seen.error
        verdict = await self._guard.async_inspect(said, "output", context)
        if verdict.action == "block":
            return Observation(text="", error=REFUSED)
        text = with_json_values(verdict.text)
        if seen.error is not None:
            return Observation(text="", error=text)
        return Observation(text=text)
