"""Tools whose results are checked."""

import pytest
from pydantic import BaseModel

from genai.base.tool import BaseTool, Observation
from genai.errors import GuardUnavailable
from genai.factory.safety_factory import build_guard
from genai.messages import RequestContext
from genai.safety.base import Guard
from genai.settings.safety import SafetySettings
from genai.tools.guarded import WITHHELD, GuardedTool
from tests.support.answering import BrokenGuard, WordGuard, context


class NoArguments(BaseModel):
    pass


class Answers(BaseTool):
    """Answers what it is told to."""

    name = "answers"
    description = "not prepared"
    input_schema = NoArguments
    side_effects = True
    needs_private = True

    def __init__(self, text: str, error: str | None = None) -> None:
        self._observation = Observation(text=text, error=error)

    async def async_prepare(self) -> None:
        self.description = "prepared"

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        return self._observation


async def run(tool: BaseTool, guard: Guard) -> Observation:
    return await GuardedTool(tool, guard).async_run(NoArguments(), context())


async def test_a_harmless_result_passes_as_it_is() -> None:
    guard = WordGuard()

    seen = await run(Answers("three rows"), guard)

    assert (seen.text, seen.error) == ("three rows", None)
    assert guard.seen == [("tool", "three rows")]


async def test_blocked_content_is_removed_from_results() -> None:
    assert (await run(Answers("the secret row"), WordGuard())).text == "the <MASKED> row"


async def test_a_result_that_is_blocked_becomes_a_hint() -> None:
    seen = await run(Answers("a bomb"), WordGuard())

    assert (seen.text, seen.error) == ("", WITHHELD)


async def test_results_and_errors_carry_their_safety_decisions() -> None:
    seen = await run(Answers("three rows", error="a bomb"), WordGuard())

    assert [(one.stage, one.action) for one in seen.safety] == [("tool", "block")]


async def test_the_words_of_an_error_are_checked_too() -> None:
    observation = await run(Answers("", error="no such secret table"), WordGuard())

    assert (observation.text, observation.error) == ("", "no such <MASKED> table")
    assert (await run(Answers("", error="a bomb"), WordGuard())).error == WITHHELD


async def test_nothing_passes_when_the_check_cannot_run() -> None:
    with pytest.raises(GuardUnavailable):
        await run(Answers("three rows"), BrokenGuard())


async def test_to_an_agent_it_is_the_tool_that_it_holds() -> None:
    guarded = GuardedTool(Answers(""), WordGuard())
    await guarded.async_prepare()

    assert guarded.spec == Answers("").spec.model_copy(update={"description": "prepared"})
    assert (guarded.side_effects, guarded.needs_private) == (True, True)


async def test_rows_of_a_bank_pass_the_checks_that_ship() -> None:
    rows = "city | customers\nDublin | 212\nCork | 97\n2 rows"
    observation = await run(Answers(rows), build_guard(SafetySettings()))

    assert observation.text == rows
