"""Runs tools with side effects: only as approved by a person, and only once.

ask ──▶ wait for a decision ──▶ begun ──▶ the tool ──▶ done
 ▲                                │
 └──── the outcome is unknown ◀───┘
"""

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from genai.agents.edits import edited
from genai.agents.transcript import EDITED, REJECTED, WITHDRAWN, Done
from genai.approvals.approval import Approval, Ruling
from genai.base.tool import BaseTool, Observation
from genai.errors import BackendFailed, GenAIError, InvalidInput
from genai.messages import ApprovalRequest, Question, RequestContext, Value
from genai.runs.approval_requester import ApprovalRequester, effect_key
from genai.runs.journal import Journal
from genai.safety.placeholders import hidden

ASKED_AT_MOST: Final = 5
"""How often one call may be approved, started, and lost."""

EXPIRED: Final = "nobody approved this in time"
LOST: Final = "nobody knows whether this was done; do not try it again"


class EffectStart(Value):
    """``by`` is unique to the attempt that begins."""

    by: str


class Effects:
    """The side effects of one run."""

    def __init__(
        self,
        requester: ApprovalRequester,
        question: Question,
        context: RequestContext,
        journal: Journal,
    ) -> None:
        self._requester = requester
        self._question = question
        self._context = context
        self._journal = journal

    async def async_do(self, tool: BaseTool, arguments: str, step: int) -> Done | ApprovalRequest:
        """The result, or the approval to wait for.

        Raises `BackendFailed` when the outcome is unknown and the tool may be called again.
        """
        for attempt in range(ASKED_AT_MOST):
            approval = await self._requester.async_ask(
                self._question,
                self._journal,
                tool,
                arguments,
                effect=f"{step}/{attempt}",
                why="outcome_unknown" if attempt else "side_effects",
            )
            if approval.ruling is None:
                return approval.request
            if approval.ruling.verdict != "approved":
                return self._refused(approval.request, approval.ruling)
            done = await self._carry_out(tool, approval, approval.ruling, f"{step}/{attempt}")
            if done is not None:
                return done
        return self._done(arguments, Observation(text="", error=LOST))

    async def _carry_out(
        self, tool: BaseTool, approval: Approval, ruling: Ruling, effect: str
    ) -> Done | None:
        """The result; None when the call was started and its outcome is unknown."""
        try:
            arguments = tool.parse(ruling.arguments)
        except InvalidInput as error:
            return self._done(ruling.arguments, Observation(text="", error=error.message))
        if self._context.remaining_s() <= 0:
            raise BackendFailed("no time is left to carry out what was approved")
        await self._requester.async_note(self._question, "effect.begin", approval)
        me = EffectStart(by=uuid4().hex)
        begun = await self._journal.async_write(f"begun/{effect}", me)
        if begun != me and not tool.exactly_once:
            return None
        key = effect_key(self._question, effect)
        try:
            seen = await tool.async_run(
                arguments, self._context.model_copy(update={"effect_key": key})
            )
        except GenAIError:
            if tool.exactly_once:
                raise
            return None
        await self._requester.async_note(self._question, _outcome(seen), approval)
        return self._done(ruling.arguments, _told(seen, approval.request, ruling))

    def _refused(self, request: ApprovalRequest, ruling: Ruling) -> Done:
        why = {"expired": EXPIRED, "withdrawn": WITHDRAWN}.get(ruling.verdict, REJECTED)
        comment = ruling.comment.strip().rstrip(".")
        said = f"{why}. The reason given: {comment}" if comment else why
        return self._done(request.arguments, Observation(text="", error=said))

    def _done(self, arguments: str, observation: Observation) -> Done:
        """The result with personal data replaced by placeholders."""
        private: Mapping[str, str] = self._question.private
        return Done(
            observation=Observation(
                text=hidden(observation.text, private),
                error=observation.error and hidden(observation.error, private),
                safety=observation.safety,
            ),
            arguments=hidden(arguments, private),
            seconds=0.0,
        )


def _outcome(seen: Observation) -> str:
    return "effect.done" if seen.error is None else "effect.refused"


def _told(seen: Observation, request: ApprovalRequest, ruling: Ruling) -> Observation:
    changes = edited(request.arguments, ruling.arguments) if ruling.edited else ""
    if not changes:
        return seen
    note = f"{EDITED}{changes}"
    if seen.error is not None:
        return seen.model_copy(update={"error": f"{note}.\n{seen.error}"})
    return seen.model_copy(update={"text": f"{note[0].upper()}{note[1:]}.\n{seen.text}"})
