"""Answers questions by executing plans."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Mapping

from genai.base.answerer import BaseAnswerer
from genai.errors import BackendFailed, GenAIError
from genai.events import (
    ApprovalEvent,
    CitationEvent,
    DraftEvent,
    DraftStreamEvent,
    SpentEvent,
    TokenEvent,
)
from genai.llms.spent import set_spent
from genai.messages import Draft, Question, Value
from genai.plans.account import Account
from genai.plans.event_feed import EventFeed
from genai.plans.executor import PlanExecutor
from genai.plans.outcome import Outcome
from genai.plans.resources import PlanResources
from genai.plans.task import Task
from genai.runs.journal import Journal
from genai.safety.worst_decisions import worst_decisions
from genai.settings.plans import PlanSettings, no_such_plan

NOTHING = "No part of this could be answered now."
CHANGED = "the plan was changed while the run waited"


class PlanStart(Value):
    """Identifies the execution in the journal: another question, or a changed plan, has other places."""

    plan: str
    digest: str


class PlanAnswerer(BaseAnswerer):
    """Executes the plan named in ``question.plan``. Raises `InvalidInput` if it does not exist."""

    def __init__(self, plans: Mapping[str, PlanSettings], resources: PlanResources) -> None:
        self._plans = plans
        self._resources = resources
        self._digests = {name: _digest(plan) for name, plan in plans.items()}

    async def async_stream(self, question: Question) -> AsyncIterator[DraftStreamEvent]:
        if question.plan not in self._plans:
            raise no_such_plan(self._plans)
        events: asyncio.Queue[DraftStreamEvent | None] = asyncio.Queue()
        work = asyncio.create_task(self._work(question, events))
        work.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            work.result()
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _work(
        self, question: Question, events: "asyncio.Queue[DraftStreamEvent | None]"
    ) -> None:
        account = Account(lambda: events.put_nowait(SpentEvent(usage=account.usage)))
        try:
            journal = await self._journal(question)
            feed = EventFeed(journal, events.put_nowait)
            feed.repeat()
            executor = PlanExecutor(
                self._plans[question.plan], self._resources, self._kept(question), journal, feed
            )
            name, task = self._first(question, account)
            outcome = await executor.async_node(name, task)
        except GenAIError as error:
            set_spent(error, account.usage)
            raise
        for event in _ending(outcome, feed):
            events.put_nowait(event)
        events.put_nowait(DraftEvent(draft=_draft(question, outcome, task)))

    def _first(self, question: Question, account: Account) -> tuple[str, Task]:
        plan = self._plans[question.plan]
        deadline = min(question.context.deadline, time.time() + plan.timeout_s)
        context = question.context.model_copy(update={"deadline": deadline})
        task = Task(
            text=question.text,
            context=context,
            account=account.part(),
            place=plan.start,
            history=question.history,
            live=True,
        )
        return plan.start, task

    def _kept(self, question: Question) -> Question:
        """Journals a plan that may wait for an approval from its first step on."""
        durable = question.durable or (self._resources.changes and bool(question.run_id))
        return question if durable == question.durable else _durable(question)

    async def _journal(self, question: Question) -> Journal:
        requester, kept = self._resources.requester, self._kept(question)
        journal = requester.journal(kept) if requester else Journal(None, kept)
        await journal.async_open()
        mine = PlanStart(plan=question.plan, digest=self._digests[question.plan])
        if await journal.async_write("plan", mine) != mine:
            raise BackendFailed(CHANGED, False)
        return journal


def _durable(question: Question) -> Question:
    return question.model_copy(update={"durable": True})


def _digest(plan: PlanSettings) -> str:
    return hashlib.sha256(plan.model_dump_json().encode()).hexdigest()


def _ending(outcome: Outcome, feed: EventFeed) -> list[DraftStreamEvent]:
    """The events that were not emitted during execution."""
    events: list[DraftStreamEvent] = []
    if outcome.approval is not None:
        events.append(ApprovalEvent(approval=outcome.approval))
    if not feed.said:
        events.append(TokenEvent(text=outcome.text or NOTHING))
    events += (CitationEvent(citation=cited) for cited in outcome.citations[feed.cited :])
    return events


def _draft(question: Question, outcome: Outcome, task: Task) -> Draft:
    return Draft(
        text=outcome.text or NOTHING,
        route="plan",
        plan=question.plan,
        model=outcome.model,
        certainty=outcome.certainty,
        citations=outcome.citations,
        steps=outcome.steps,
        usage=task.account.usage,
        finish_reason=outcome.finish_reason,
        timings_ms=outcome.timings_ms,
        degraded=outcome.degraded,
        approval=outcome.approval,
        safety=worst_decisions((*outcome.safety, *task.decided)),
    )
