import asyncio

import pytest
from pydantic import BaseModel

from genai.base.tool import BaseTool, Observation
from genai.errors import BackendFailed, DeadlineExceeded, Forbidden
from genai.messages import RequestContext
from genai.tools.limited import LimitedTool
from tests.support.agents import a_context


class Nothing(BaseModel):
    pass


class Slow(BaseTool):
    name = "slow"
    description = "Takes its time."
    input_schema = Nothing

    def __init__(self, seconds: float = 0.0, text: str = "done", **declared: object) -> None:
        self._seconds = seconds
        self._text = text
        for name, value in declared.items():
            setattr(self, name, value)

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        await asyncio.sleep(self._seconds)
        return Observation(text=self._text)


async def run(tool: BaseTool, *, seconds: float = 30.0, roles: tuple[str, ...] = ()) -> Observation:
    context = a_context(seconds=seconds).model_copy(update={"roles": roles})
    return await LimitedTool(tool).async_run(Nothing(), context)


async def test_a_tool_that_takes_too_long_becomes_a_hint() -> None:
    observation = await run(Slow(60, timeout_s=0.01))

    assert observation.error == "the tool took longer than 0.01 s"


async def test_a_request_without_time_uses_no_tool() -> None:
    with pytest.raises(DeadlineExceeded):
        await run(Slow(), seconds=-1)


async def test_a_request_whose_deadline_passes_in_a_tool_fails_with_that_error() -> None:
    with pytest.raises(DeadlineExceeded):
        await run(Slow(60), seconds=0.05)


async def test_the_outcome_of_a_late_tool_with_side_effects_is_unknown() -> None:
    with pytest.raises(BackendFailed):
        await run(Slow(60, timeout_s=0.01, side_effects=True))


async def test_a_result_that_is_too_long_is_truncated_with_a_note() -> None:
    observation = await run(Slow(text="x" * 500, max_result_chars=100))

    assert len(observation.text) == 100
    assert observation.text.endswith("(the rest is cut)")


async def test_only_those_with_a_role_of_the_tool_may_use_it() -> None:
    tool = Slow(roles=("operator", "admin"))

    assert (await run(tool, roles=("user", "admin"))).text == "done"
    with pytest.raises(Forbidden):
        await run(tool, roles=("user",))
