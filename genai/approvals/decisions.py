"""Lists approvals and records people's decisions on them."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from genai.access.principal import Principal, Role
from genai.approvals.approval import Approval, Ruling
from genai.approvals.store import ApprovalStore
from genai.audit.chain import Decision
from genai.audit.log import AuditLog
from genai.errors import Conflict, Forbidden, InvalidInput, NotFound
from genai.safety.cleaned import cleaned
from genai.tools.json_schema import check_json

DECIDERS: tuple[Role, ...] = ("operator", "admin")
_SEES_ALL: frozenset[Role] = frozenset({"operator", "admin", "auditor"})

EXACT: Final = 2**53
"""Up to here every whole number is a float of its own."""

Choice = Literal["approve", "reject", "edit"]


class Approvals:
    """Everybody acts within the own tenant; what belongs to another does not exist.

    ``wake`` lets the run go on. With ``four_eyes`` nobody decides about what came up in a run of
    their own. Personal data and secrets are left out of comments, because the asker reads them.
    Raises `BackendFailed` when Redis does not answer.
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
        """The newest first; those of others only for who may decide or audit."""
        user = None if _SEES_ALL & set(by.roles) else by.user
        return await self._store.async_list(by.tenant, user, limit=limit)

    async def async_get(self, by: Principal, approval_id: str) -> Approval:
        """Raises `NotFound`."""
        approval = await self._store.async_find(by.tenant, approval_id)
        if approval is None or not (_SEES_ALL & set(by.roles) or approval.user == by.user):
            raise NotFound("no such approval")
        return approval

    async def async_decide(
        self, by: Principal, approval_id: str, choice: Choice, *, arguments: str, comment: str
    ) -> Approval:
        """Decide, once and for all. The same decision again changes nothing and is no mistake.

        ``arguments`` is JSON text, and takes the place of what was asked for when it is edited.
        Raises `Forbidden` for who may not decide, `InvalidInput` for arguments that the tool does
        not take, and `Conflict` when it was decided otherwise, or not in time.
        """
        by.require(*DECIDERS)
        approval = await self.async_get(by, approval_id)
        if self._four_eyes and approval.user == by.user:
            raise Forbidden("somebody else has to decide about this")
        ruling = self._ruling(by, approval, choice, arguments, comment)
        if approval.ruling is None:
            await self._note(by, approval, choice)
            counts = await self._store.async_rule(by.tenant, approval_id, ruling)
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

    async def _note(self, by: Principal, approval: Approval, choice: Choice) -> None:
        """Written before it counts; of two who decide at once, the first counts and both are here."""
        decision = Decision(
            action=f"approval.{choice}",
            actor=by.key_id,
            target=approval.request.id,
            reason=approval.request.tool,
            request_id=approval.request_id,
        )
        await self._audit.async_append(by.tenant, decision)


def _canonical(arguments: str) -> str:
    """The same JSON, in one spelling. JSON schema takes 1.0 for an integer; a tool need not."""
    return json.dumps(
        json.loads(arguments, parse_float=_number), sort_keys=True, ensure_ascii=False
    )


def _number(digits: str) -> int | float:
    number = float(digits)
    return int(number) if number.is_integer() and abs(number) <= EXACT else number


def _same(one: Ruling, other: Ruling) -> bool:
    return (one.verdict, one.arguments) == (other.verdict, other.arguments)
