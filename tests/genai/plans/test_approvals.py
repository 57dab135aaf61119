"""A plan whose branch must ask waits as a whole, and then goes on without doing anything twice."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis.asyncio import Redis

from genai.base.answerer import BaseAnswerer
from genai.errors import BackendFailed
from genai.events import ApprovalEvent, DoneEvent, StepEvent
from genai.factory.state_factory import State
from genai.messages import Question, Step
from genai.plans.answerer import CHANGED
from genai.runs.run import RunEvent
from genai.settings.application import Settings
from genai.settings.plans import PlanSettings
from tests.support.agents import LookupTool
from tests.support.plans import Part, Stage, a_plan, ask, parallel, sequence
from tests.support.runs import (
    ChangeTool,
    PlannedLLM,
    RunWorker,
    a_run,
    answer,
    call,
    open_worker,
    run_settings,
)

BRANCHES = a_plan(start=parallel("look", "act"), look=ask("look", "rag"), act=ask("act", "agent"))
SAID = (call("block", card=7), answer("It is done."))


@dataclass
class Bank:
    """Processes that carry out the same plan, one after the other."""

    settings: Settings
    plan: PlanSettings
    said: tuple[str, ...] = SAID
    parts: dict[str, Part] = field(default_factory=lambda: {"look": Part("seen", steps=2)})
    block: ChangeTool = field(default_factory=ChangeTool)
    looked: list[str] = field(default_factory=list)
    workers: list[RunWorker] = field(default_factory=list)

    def open(self) -> RunWorker:
        def around(agent: BaseAnswerer, state: State) -> BaseAnswerer:
            stage = Stage(
                self.plan,
                self.parts,
                acting=agent,
                requester=state.requester,
                tools={"block": self.block},
            )
            stage.rag.began = self.looked
            return stage.answerer

        lookup = LookupTool({"a": "1"})
        llm = PlannedLLM({text: list(self.said) for text in ("act", "act too")})
        self.workers.append(open_worker(self.settings, llm, [self.block, lookup], around=around))
        return self.workers[-1]


@pytest.fixture
async def bank(redis_socket: Path, redis_client: Redis, tmp_path: Path) -> AsyncIterator[Bank]:
    bank = Bank(run_settings(redis_socket, tmp_path), BRANCHES)
    yield bank
    for worker in bank.workers:
        await worker.close()


async def asked_by(worker: RunWorker, run_id: str, **more: object) -> Question:
    who = await worker.person("ann")
    return a_run(who, run_id).model_copy(update={"plan": "plan", "route": "auto", **more})


def steps_of(told: Sequence[RunEvent]) -> list[Step]:
    return [event.step for event in told if isinstance(event, StepEvent)]


async def test_the_whole_plan_waits_and_what_the_others_found_is_kept(bank: Bank) -> None:
    worker = bank.open()
    asked = await asked_by(worker, "p-1")

    events = [event async for event in worker.assistant.async_stream(asked)]

    assert isinstance(events[-1], DoneEvent)
    answered = events[-1].answer
    assert answered.approval is not None
    assert (answered.finish_reason, answered.approval.arguments) == ("approval", '{"card": 7}')
    assert [step.tool for step in answered.steps] == ["look", "look"]
    assert answered.text.startswith("seen\n\nBefore I may use block")
    assert sum(isinstance(event, ApprovalEvent) for event in events) == 1
    assert bank.block.done == []


async def test_after_the_decision_another_process_goes_on_and_repeats_nothing(bank: Bank) -> None:
    first = bank.open()
    asked = await asked_by(first, "p-2")
    await first.assistant.async_answer(asked)
    await first.close()
    second = bank.open()
    [waiting] = await second.pending()

    await second.decide(waiting.request.id)
    view = await second.settled(await second.person("ann"), "p-2")

    assert view.answer is not None
    assert view.answer.text == "seen\n\nIt is done."
    assert [step.tool for step in view.answer.steps] == ["look", "look", "block"]
    assert (bank.block.done, bank.looked) == ([7], ["look"])


async def test_the_run_that_waits_is_that_of_the_whole_question(bank: Bank) -> None:
    worker = bank.open()
    asked = await asked_by(worker, "p-3")

    await worker.assistant.async_answer(asked)

    run = await worker.reader.async_run(await worker.person("ann"), "p-3")
    assert (run.question.text, run.question.place) == (asked.text, "")


async def test_what_a_person_refuses_is_not_done_and_the_plan_goes_on(bank: Bank) -> None:
    worker = bank.open()
    asked = await asked_by(worker, "p-4")
    await worker.assistant.async_answer(asked)
    [waiting] = await worker.pending()

    await worker.decide(waiting.request.id, "reject")
    view = await worker.settled(await worker.person("ann"), "p-4")

    assert view.state.status == "done"
    assert bank.block.done == []


async def test_two_branches_may_wait_and_each_is_asked_for(bank: Bank) -> None:
    bank.plan = a_plan(
        start=parallel("one", "two"), one=ask("act", "agent"), two=ask("act too", "agent")
    )
    worker = bank.open()
    asked = await asked_by(worker, "p-5")
    told = await worker.assistant.async_answer(asked)
    assert told.approval is not None
    pending = {approval.request.id for approval in await worker.pending()}
    assert len(pending) == 2
    who = await worker.person("ann")
    assert (await worker.reader.async_view(who, "p-5")).state.approval_id == told.approval.id

    await worker.decide(told.approval.id)
    between = await worker.settled(who, "p-5")
    [other] = pending - {told.approval.id}
    await worker.decide(other)
    after = await worker.settled(who, "p-5")

    assert (between.state.status, between.state.approval_id) == ("waiting", other)
    assert after.state.status == "done"
    assert bank.block.done == [7, 7]
    assert len(set(bank.block.keys)) == 2


async def test_a_tool_node_with_side_effects_asks_first(bank: Bank) -> None:
    change = {"node": "tool", "tool": "block", "arguments": {"card": 3}}
    bank.plan = a_plan(start=sequence("look", "change"), look=ask("look"), change=change)
    worker = bank.open()
    asked = await asked_by(worker, "p-6")
    told = await worker.assistant.async_answer(asked)
    assert told.approval is not None
    assert told.approval.tool == "block"

    await worker.decide(told.approval.id)
    view = await worker.settled(await worker.person("ann"), "p-6")

    assert view.answer is not None
    assert view.answer.text == "card 3 is blocked"
    assert (bank.block.done, bank.looked) == ([3], ["look"])


async def test_a_refused_tool_node_says_that_it_was_not_done(bank: Bank) -> None:
    bank.plan = a_plan(start={"node": "tool", "tool": "block", "arguments": {"card": 3}})
    worker = bank.open()
    asked = await asked_by(worker, "p-7")
    told = await worker.assistant.async_answer(asked)
    assert told.approval is not None

    await worker.decide(told.approval.id, "reject")
    view = await worker.settled(await worker.person("ann"), "p-7")

    assert view.answer is not None
    assert view.answer.text.startswith(
        "That was not done: the person who had to approve this refused it"
    )


async def test_a_durable_run_tells_its_steps_once_and_in_the_same_order(bank: Bank) -> None:
    bank.plan = a_plan(
        start=parallel("slow", "look", "act"),
        slow=ask("slow"),
        look=ask("look"),
        act=ask("act", "agent"),
    )
    bank.parts["slow"] = Part("late", seconds=0.05, steps=1)
    worker = bank.open()
    asked = await asked_by(worker, "p-8")
    await worker.runner.async_begin(asked, {})
    who = await worker.person("ann")
    before = await worker.settled(who, "p-8")
    first = steps_of(await worker.events(who, "p-8"))

    await worker.decide(before.state.approval_id)
    after = await worker.settled(who, "p-8")

    second = steps_of(await worker.events(who, "p-8"))
    assert sorted(step.observation for step in first) == ["look", "look", "slow"]
    assert second[:3] == first
    assert [step.tool for step in second] == ["look", "look", "look", "block"]
    assert after.answer is not None
    assert [step.observation for step in after.answer.steps][:3] == ["slow", "look", "look"]


async def test_a_plan_that_was_changed_meanwhile_is_not_gone_on_with(bank: Bank) -> None:
    first = bank.open()
    asked = await asked_by(first, "p-9")
    told = await first.assistant.async_answer(asked)
    await first.close()
    bank.plan = a_plan(start=ask("act", "agent"))
    second = bank.open()
    assert told.approval is not None

    await second.decide(told.approval.id)
    view = await second.settled(await second.person("ann"), "p-9")

    assert view.failure is not None
    assert view.failure.message == CHANGED
    assert bank.block.done == []


async def test_a_split_that_was_made_stays_made(bank: Bank) -> None:
    specialists: Mapping[str, object] = {
        "one": {"node": "act", "route": "agent"},
        "two": {"node": "look", "route": "rag"},
    }
    bank.plan = a_plan(
        start={"node": "handoff", "specialists": specialists},
        act=ask("act", "agent"),
        look=ask("look"),
    )
    worker = bank.open()
    text = "How many mortgages exist, and what does a lost card cost?"
    asked = await asked_by(worker, "p-10", text=text)
    told = await worker.assistant.async_answer(asked)
    assert told.approval is not None

    await worker.decide(told.approval.id)
    view = await worker.settled(await worker.person("ann"), "p-10")

    assert view.answer is not None
    assert view.answer.text == "It is done.\n\nseen"
    assert bank.looked == ["look"]


async def test_a_retry_of_a_branch_goes_on_with_what_was_approved(bank: Bank) -> None:
    bank.plan = a_plan(start=ask("act", "agent", retries=1))
    worker = bank.open()
    asked = await asked_by(worker, "p-11")
    told = await worker.assistant.async_answer(asked)
    assert told.approval is not None
    bank.block.after = Breaks()

    await worker.decide(told.approval.id)
    view = await worker.settled(await worker.person("ann"), "p-11")

    assert view.state.status == "done"
    assert bank.block.done == [7]


class Breaks:
    """Fails after the effect, the first time."""

    def __init__(self) -> None:
        self._times = 0

    def __call__(self) -> None:
        self._times += 1
        if self._times == 1:
            raise BackendFailed("the connection broke")
