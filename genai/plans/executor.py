"""Executes one plan for one question.

    node ──▶ in the journal already? ──▶ run it within its timeout, retries and budget ──▶ journal
                                            └── failed: skip it, run its fallback, or fail the plan

Branches are tasks of one task group: when one fails, or the caller leaves, all of them end before the
plan does. When a branch needs an approval, the others finish first and their outcomes are kept; then the
whole plan waits.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import assert_never

from genai.errors import BackendFailed, DeadlineExceeded, GenAIError, NotFound, TryLater
from genai.language.followup import Dependence, dependence
from genai.messages import Question, Turn
from genai.observability.tracing import below
from genai.plans.account import Pool
from genai.plans.asking import async_ask
from genai.plans.delegation import Assignment, Assignments, async_delegate, documents_for
from genai.plans.event_feed import EventFeed
from genai.plans.items import items_of
from genai.plans.merging import async_written
from genai.plans.open_parts import answers, named
from genai.plans.outcome import Outcome, joined, last_of, skipped, timed, waiting, waiting_among
from genai.plans.resources import PlanResources
from genai.plans.task import Task
from genai.plans.tool_call import async_use
from genai.plans.weights import NodeWeights
from genai.runs.journal import Journal
from genai.settings.plans import (
    AskNode,
    HandoffNode,
    MapNode,
    Merging,
    Node,
    ParallelNode,
    PlanSettings,
    SequenceNode,
    ToolNode,
)

ELSEWHERE = "That is answered separately."
CUT = "(Only the first {done} of {all}.)"


class PlanExecutor:
    """``whole`` is the question to the plan; ``journal`` has the outcomes of earlier attempts."""

    def __init__(
        self,
        plan: PlanSettings,
        resources: PlanResources,
        whole: Question,
        journal: Journal,
        feed: EventFeed,
    ) -> None:
        self._plan = plan
        self._resources = resources
        self._whole = whole
        self._journal = journal
        self._feed = feed
        self._weights = NodeWeights(plan, resources.paid)

    async def async_node(self, name: str, task: Task) -> Outcome:
        """The outcome of the node, from the journal or by running it. Raises an error that fails the
        plan.
        """
        node = self._plan.nodes[name]
        if node.on_failure != "fail" or node.retries:
            task = replace(task, live=False)  # what was told cannot be taken back
        known = self._journal.read(f"done/{task.place}", Outcome)
        if known is not None:
            return known
        started = time.perf_counter()
        outcome = await self._within_policy(name, node, task)
        outcome = timed(outcome, f"plan.{name}", (time.perf_counter() - started) * 1000)
        if outcome.approval is not None:
            return outcome
        return await self._journal.async_write(f"done/{task.place}", outcome)

    # -- how a node may fail -----------------------------------------------------------------------

    async def _within_policy(self, name: str, node: Node, task: Task) -> Outcome:
        with self._resources.tracer.step(f"plan {name}", task.context) as span:
            try:
                below_span = replace(task, context=below(span, task.context))
                return await self._tried(name, node, below_span)
            except GenAIError as error:
                if node.on_failure == "fail" or not task.context.remaining_s():
                    raise
                span.note({"genai.plan.failed": error.code})
                if node.fallback is None:
                    return skipped(name, error)
                return await self._instead(name, node.fallback, task, error)

    async def _instead(self, name: str, fallback: str, task: Task, error: GenAIError) -> Outcome:
        money = task.context.less(task.account.cost)
        outcome = await self.async_node(fallback, task.part(f"else.{fallback}", context=money))
        why = "; ".join(filter(None, (f"{name}: {error.code}", outcome.degraded)))
        return outcome.model_copy(update={"degraded": why})

    async def _tried(self, name: str, node: Node, task: Task) -> Outcome:
        for tries in count(1):
            try:
                return await self._once(name, node, task)
            except GenAIError as error:
                if tries > node.retries or not _may_pass(error):
                    raise
                pause = self._resources.backoff.delay_s(tries)
                if pause >= task.context.remaining_s():
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("a node was not tried")

    async def _once(self, name: str, node: Node, task: Task) -> Outcome:
        left = task.context.remaining_s()
        within_s = min(left, node.timeout_s or left)
        context = task.context.less(task.account.cost)
        context = context.model_copy(update={"deadline": time.time() + within_s})
        trying = replace(task, account=task.account.part(), context=context)
        try:
            async with asyncio.timeout(within_s):
                return await self._do(node, trying)
        except TimeoutError:
            raise DeadlineExceeded(f"the part {name} took too long") from None

    async def _do(self, node: Node, task: Task) -> Outcome:
        match node:
            case AskNode():
                return await self._ask(node, task)
            case ToolNode():
                return await async_use(node, task, self._resources, self._whole, self._feed)
            case SequenceNode():
                return await self._sequence(node, task)
            case ParallelNode():
                return await self._parallel(node, task)
            case MapNode():
                return await self._map(node, task)
            case HandoffNode():
                return await self._handoff(node, task)
            case _:
                assert_never(node)

    # -- what a node does --------------------------------------------------------------------------

    async def _ask(self, node: AskNode, task: Task) -> Outcome:
        outcome = await async_ask(node, task, self._resources, self._whole, self._feed)
        lacking = node.must_find and not outcome.found and outcome.approval is None
        if lacking and node.on_failure != "fail":
            raise NotFound("nothing was found")
        return outcome

    async def _sequence(self, node: SequenceNode, task: Task) -> Outcome:
        outcomes: list[Outcome] = []
        found = dict(task.found)
        for number, name in enumerate(node.steps):
            step = task.part(
                f"{number}.{name}",
                found=dict(found),
                context=task.context.less(task.account.cost),
                live=task.live and name is node.steps[-1] and number == len(node.steps) - 1,
            )
            outcomes.append(await self.async_node(name, step))
            if (approval := outcomes[-1].approval) is not None:
                return waiting(outcomes, approval)
            found[name] = outcomes[-1]
        return last_of(outcomes)

    async def _parallel(self, node: ParallelNode, task: Task) -> Outcome:
        parts = [(name, task.part(f"{n}.{name}")) for n, name in enumerate(node.branches)]
        outcomes = await self._at_once(parts, task, at_once=len(parts))
        return await self._merged(node.merge, list(node.branches), outcomes, task)

    async def _map(self, node: MapNode, task: Task) -> Outcome:
        items = items_of(task.found[node.over], node.column)
        screened = [
            await self._resources.async_screened(item, task) for item in items[: node.at_most]
        ]
        parts = [
            (node.each, task.part(f"{number}.{node.each}", item=item))
            for number, item in enumerate(screened)
        ]
        if not parts:
            return Outcome()
        outcomes = await self._at_once(parts, task, at_once=node.at_once)
        merged = await self._merged(node.merge, screened, outcomes, task)
        if len(items) == len(screened) or merged.approval is not None:
            return merged
        note = CUT.format(done=len(screened), all=len(items))
        return merged.model_copy(update={"text": f"{merged.text}\n\n{note}"})

    async def _handoff(self, node: HandoffNode, task: Task) -> Outcome:
        field = f"assigned/{task.place}"
        assigned = self._journal.read(field, Assignments)
        if assigned is None:
            found = await async_delegate(node, task, self._resources)
            assigned = await self._journal.async_write(field, found)
        parts = _delegated(node, assigned, task)
        if len(parts) == 1:
            [(name, part)] = parts
            money = task.context.less(task.account.cost)
            return await self.async_node(name, replace(part, live=task.live, context=money))
        outcomes = await self._at_once(parts, task, at_once=len(parts))
        outcomes = [
            outcome
            if answers(outcome)
            else await self._or_documents(node, one, part, task, outcome)
            for one, (_, part), outcome in zip(assigned.tasks, parts, outcomes, strict=True)
        ]
        outcomes = named([one.question for one in assigned.tasks], outcomes)
        names = [one.specialist for one in assigned.tasks]
        return await self._merged(node.merge, names, outcomes, task)

    async def _or_documents(
        self, node: HandoffNode, one: Assignment, part: Task, task: Task, outcome: Outcome
    ) -> Outcome:
        """If the agent found nothing for a part: the outcome of the documents, if they have one."""
        other = documents_for(node, one)
        if not other or not task.context.remaining_s():
            return outcome
        money = task.context.less(task.account.cost)
        try:
            found = await self.async_node(other, part.part(f"else.{other}", context=money))
        except GenAIError:
            return outcome
        return found if answers(found) else outcome

    # -- several at the same time ------------------------------------------------------------------

    async def _at_once(
        self, parts: Sequence[tuple[str, Task]], task: Task, *, at_once: int
    ) -> list[Outcome]:
        """Runs the tasks concurrently. Raises the first failure after all have ended."""
        weights = [self._weights.of(name) for name, _ in parts]
        pool = Pool(task.context.less(task.account.cost), weights)
        places = asyncio.Semaphore(at_once)

        async def work(number: int, name: str, part: Task) -> Outcome:
            async with places:
                lent = replace(part, context=pool.lend(number))
                try:
                    return await self.async_node(name, lent)
                finally:
                    pool.take_back(number, part.account.cost)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(work(number, *part)) for number, part in enumerate(parts)
                ]
        except BaseExceptionGroup as failed:
            raise _first(failed) from None
        return [each.result() for each in tasks]

    async def _merged(
        self, merging: Merging, names: Sequence[str], outcomes: list[Outcome], task: Task
    ) -> Outcome:
        if asked := [each.approval for each in outcomes if each.approval is not None]:
            awaited = await self._awaited() if len(asked) > 1 else ""
            chosen = next((each for each in asked if each.id == awaited), asked[0])
            return waiting_among(outcomes, chosen)
        if merging == "join":
            return joined(outcomes)
        money = task.context.less(task.account.cost)
        named = _by_name(names, outcomes)
        return await async_written(
            named, replace(task, context=money), self._resources, self._whole, self._feed
        )

    async def _awaited(self) -> str:
        """The id of the approval that the run waits for, or empty."""
        requester = self._resources.requester
        return await requester.async_awaited(self._whole) if requester else ""


def _delegated(node: HandoffNode, assigned: Assignments, task: Task) -> list[tuple[str, Task]]:
    """The node and task of each assignment. A part that depends on earlier ones gets them as history."""
    parts: list[tuple[str, Task]] = []
    before: list[Turn] = []
    for number, one in enumerate(assigned.tasks):
        leans = dependence(one.question) is not Dependence.NOT
        history = (*task.history, *before) if leans else task.history
        name = node.specialists[one.specialist].node
        part = task.part(f"{number}.{name}", text=one.question, history=history)
        parts.append((name, part))
        before += (
            Turn(role="user", content=one.question),
            Turn(role="assistant", content=ELSEWHERE),
        )
    return parts


def _by_name(names: Sequence[str], outcomes: Sequence[Outcome]) -> Mapping[str, Outcome]:
    """The outcomes under unique names."""
    named: dict[str, Outcome] = {}
    for number, (name, outcome) in enumerate(zip(names, outcomes, strict=True), start=1):
        named[f"{number}. {name}"] = outcome
    return named


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to raise: an unexpected one if there is any, else the first."""
    errors = failed.exceptions
    return next((error for error in errors if not isinstance(error, GenAIError)), errors[0])


def _may_pass(error: GenAIError) -> bool:
    return isinstance(error, TryLater) or (isinstance(error, BackendFailed) and error.retryable)
