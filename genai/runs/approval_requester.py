"""Requests approvals for agents, and looks up the decisions."""

import hashlib
import time
from collections.abc import Callable
from typing import Literal

from genai.approvals.approval import Approval, Ruling
from genai.approvals.store import ApprovalStore
from genai.audit.chain import AuditedDecision
from genai.audit.log import AuditLog
from genai.base.tool import BaseTool
from genai.messages import ApprovalRequest, Question
from genai.runs.journal import Journal, JournalStore
from genai.runs.run import Run
from genai.runs.store import RunStore


class ApprovalRequester:
    """Raises `BackendFailed` when Redis does not answer; then the action must not be carried out."""

    def __init__(
        self,
        journals: JournalStore,
        approvals: ApprovalStore,
        runs: RunStore,
        audit: AuditLog,
        *,
        open_for_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journals = journals
        self._approvals = approvals
        self._runs = runs
        self._audit = audit
        self._open_for_s = open_for_s
        self._clock = clock

    def journal(self, question: Question) -> Journal:
        return Journal(self._journals, question)

    async def async_ask(
        self,
        question: Question,
        journal: Journal,
        tool: BaseTool,
        arguments: str,
        *,
        effect: str,
        why: Literal["side_effects", "outcome_unknown"],
    ) -> Approval:
        """The current approval of one ``effect`` of a run. Creates it if necessary.

        The run is stored first, so that it can resume after the decision.
        """
        context, now = question.context, self._clock()
        request = ApprovalRequest(
            id=approval_id(question, effect),
            run_id=question.run_id,
            tool=tool.name,
            arguments=arguments,
            why=why,
            expires_at=round(now + self._open_for_s, 3),
        )
        await journal.async_keep()
        kept = (question.whole or question).model_copy(update={"durable": True})
        run = Run(id=question.run_id, question=kept, created_at=now)
        await self._runs.async_create(run, approval_id=request.id)
        asked = await self._approvals.async_ask(
            context.tenant,
            Approval(
                request=request,
                user=context.user,
                parameters=tool.spec.parameters,
                request_id=context.request_id,
                asked_at=now,
            ),
        )
        return await self._closed_when_over(context.tenant, asked)

    async def async_awaited(self, question: Question) -> str:
        """The id of the approval that the run waits for, or empty."""
        found = await self._runs.async_read(question.context.tenant, question.run_id)
        return found[0].approval_id if found and found[0].status == "waiting" else ""

    async def async_note(self, question: Question, action: str, approval: Approval) -> None:
        """Write to the audit log what happens to an approved action."""
        context = question.context
        decision = AuditedDecision(
            action=action,
            actor=context.key_id,
            target=approval.request.id,
            reason=approval.request.tool,
            request_id=context.request_id,
        )
        await self._audit.async_append(context.tenant, decision)

    async def _closed_when_over(self, tenant: str, asked: Approval) -> Approval:
        """The approval, recorded as expired if its time is over."""
        now = self._clock()
        if asked.ruling is not None or now < asked.request.expires_at:
            return asked
        ruling = Ruling(verdict="expired", at=now)
        counts = await self._approvals.async_rule(tenant, asked.request.id, ruling)
        return asked.model_copy(update={"ruling": counts})


def effect_key(question: Question, effect: str) -> str:
    """The key of one effect of a run, by which a tool avoids having it twice."""
    return _digest(question.context.tenant, question.run_id, *_place(question), effect)


def approval_id(question: Question, effect: str) -> str:
    """The id of the approval of one effect: asking again yields the same one."""
    where = (question.context.tenant, question.run_id, *_place(question))
    return f"apr_{_digest(*where, effect, 'approval')[:32]}"


def _place(question: Question) -> tuple[str, ...]:
    """The place in a plan: its parts number their effects independently."""
    return (question.place,) if question.place else ()


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
