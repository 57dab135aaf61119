"""Lists approvals, and records people's decisions on them and withdrawals of them."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from genai.access.principal import Principal, Role
from genai.approvals.approval import Approval, Ruling
from genai.approvals.store import ApprovalStore
from genai.audit.chain import AuditedDecision
from genai.audit.log import AuditLog
from genai.errors import Conflict, Forbidden, InvalidInput, NotFound
from genai.safety.cleaned import cleaned
from genai.tools.json_schema import check_json

DECIDERS: tuple[Role, ...] = ("operator", "admin")

EXACT: Final = 2**53
"""Integers up to this are exact as floats."""

Choice = Literal["approve", "reject", "edit"]


class Approvals:
    """Each principal acts within its own tenant; approvals of others count as not found.

    ``wake`` continues the run. With ``four_eyes``, nobody decides on approvals of their own runs.
    Personal data and secrets are redacted in comments, because the asker reads them. Raises
    `BackendFailed` when Redis does not answer.
    """

    def __init__(
        self,
        store: ApprovalStore,
        audit: AuditLog,
        wake: Callable[[str, Approval], Awaitable[None]],
        *,
        four_eyes: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._audit = audit
        self._wake = wake
        self._four_eyes = four_eyes
        self._clock = clock

    async def async_list(self, by: Principal, *, limit: int) -> tuple[Approval, ...]:
        """Newest first. Those of other users only for roles that decide."""
        user = None if _decides(by) else by.user
        return await self._store.async_list(by.tenant, user, limit=limit)

    async def async_get(self, by: Principal, approval_id: str) -> Approval:
        """Raises `NotFound`."""
        approval = await self._store.async_find(by.tenant, approval_id)
        if approval is None or not (_decides(by) or approval.user == by.user):
            raise NotFound("no such approval")
        return approval

    async def async_decide(
        self, by: Principal, approval_id: str, choice: Choice, *, arguments: str, comment: str
    ) -> Approval:
        """Decide, finally. Repeating the same decision is not an error.

        ``arguments`` is JSON text that replaces the requested arguments (``edit``). Raises `Forbidden`
        for keys that may not decide, `InvalidInput` for arguments that the tool does not accept, and
        `Conflict` when it was decided differently, or has expired.
        """
        by.require(*DECIDERS)
        approval = await self.async_get(by, approval_id)
        if self._four_eyes and approval.user == by.user:
            raise Forbidden("somebody else has to decide about this")
        ruling = self._ruling(by, approval, choice, arguments, comment)
        if approval.ruling is None:
            await self._note(by, approval, choice)
        return await self._ruled(by, approval, ruling)

    async def async_withdraw(self, by: Principal, approval_id: str) -> Approval:
        """Take back a pending request of one's own. Repeating that is not an error.

        Raises `NotFound` for those of other people, also for roles that decide: they reject it. Raises
        `Conflict` when it was decided before, or has expired.
        """
        approval = await self._store.async_find(by.tenant, approval_id)
        if approval is None or approval.user != by.user:
            raise NotFound("you asked for no such approval")
        if approval.ruling is None:
            await self._note(by, approval, "withdraw")
        ruling = Ruling(verdict="withdrawn", key_id=by.key_id, at=self._clock())
        return await self._ruled(by, approval, ruling)

    async def _ruled(self, by: Principal, approval: Approval, ruling: Ruling) -> Approval:
        """The approval with this ruling, after its run was woken. Raises `Conflict` if another counts."""
        if approval.ruling is None:
            counts = await self._store.async_rule(by.tenant, approval.request.id, ruling)
            approval = approval.model_copy(update={"ruling": counts})
        if approval.ruling is None or approval.ruling.verdict == "expired":
            raise Conflict("nobody decided about this in time")
        if not _same(approval.ruling, ruling):
            raise Conflict(f"this was {approval.ruling.verdict} before")
        await self._wake(by.tenant, approval)
        return approval

    def _ruling(
        self, by: Principal, approval: Approval, choice: Choice, arguments: str, comment: str
    ) -> Ruling:
        approved = approval.request.arguments
        if choice == "edit":
            check_json(arguments, approval.parameters)
            approved = _canonical(arguments)
        elif arguments:
            raise InvalidInput("arguments are given only to edit them", "arguments")
        return Ruling(
            verdict="rejected" if choice == "reject" else "approved",
            arguments="" if choice == "reject" else approved,
            edited=choice == "edit",
            comment=cleaned(comment),
            key_id=by.key_id,
            at=self._clock(),
        )

    async def _note(
        self, by: Principal, approval: Approval, choice: Choice | Literal["withdraw"]
    ) -> None:
        """Audited before it takes effect. If two decide at once, both are logged and the first counts."""
        decision = AuditedDecision(
            action=f"approval.{choice}",
            actor=by.key_id,
            target=approval.request.id,
            reason=approval.request.tool,
            request_id=approval.request_id,
        )
        await self._audit.async_append(by.tenant, decision)


def _decides(by: Principal) -> bool:
    return bool(set(DECIDERS) & set(by.roles))


def _canonical(arguments: str) -> str:
    """Canonical JSON. JSON schema accepts 1.0 as an integer; a tool might not."""
    return json.dumps(
        json.loads(arguments, parse_float=_number), sort_keys=True, ensure_ascii=False
    )


def _number(digits: str) -> int | float:
    number = float(digits)
    return int(number) if number.is_integer() and abs(number) <= EXACT else number


def _same(one: Ruling, other: Ruling) -> bool:
    return (one.verdict, one.arguments) == (other.verdict, other.arguments)
