from collections.abc import AsyncIterator, Sequence

import pytest

from genai.errors import BackendFailed
from genai.events import DraftEvent, DraftStreamEvent, RouteEvent, StepEvent
from genai.messages import Draft, Step, Usage
from genai.replay import replayed


class Lost(BackendFailed):
    pass


def step(name: str) -> StepEvent:
    return StepEvent(step=Step(tool=name, arguments="{}", observation=name, seconds=0.1))


DONE = DraftEvent(draft=Draft(text="", route="plan", model="m"))


async def replayed_events(*tries: Sequence[DraftStreamEvent]) -> list[DraftStreamEvent]:
    """The events if all tries but the last break off."""
    left = list(tries)

    async def begin(_: Usage) -> AsyncIterator[DraftStreamEvent]:
        for event in left.pop(0):
            yield event
        if left:
            raise Lost("the replica died")

    return [event async for event in replayed(begin, Lost)]


async def test_branches_of_a_plan_may_come_in_another_order() -> None:
    plan = RouteEvent(route="plan")

    told = await replayed_events(
        [plan, step("a"), step("b")], [plan, step("b"), step("c"), step("a"), DONE]
    )

    assert [e.step.tool for e in told if isinstance(e, StepEvent)] == ["a", "b", "c"]


async def test_a_missing_step_of_a_plan_is_a_contradiction() -> None:
    plan = RouteEvent(route="plan")

    with pytest.raises(BackendFailed, match="broke off"):
        await replayed_events([plan, step("a")], [plan, step("b"), DONE])


async def test_one_agent_must_take_the_same_steps_in_the_same_order() -> None:
    with pytest.raises(BackendFailed, match="broke off"):
        await replayed_events([step("a"), step("b")], [step("b"), step("a"), DONE])
