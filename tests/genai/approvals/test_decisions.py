from dataclasses import dataclass, field

import pytest

from genai.access.principal import Principal, Role
from genai.approvals.approval import Approval
from genai.approvals.decisions import Approvals, Choice
from genai.approvals.store import ApprovalStore
from genai.audit.chain import Seal
from genai.audit.log import AuditLog
from genai.errors import Conflict, Forbidden, InvalidInput, NotFound
from genai.memory.store import Store
from genai.messages import ApprovalRequest
from tests.support.vault import CIPHER

SCHEMA = '{"type": "object", "properties": {"card": {"type": "integer"}}, "required": ["card"]}'
ENDS = 2000.0


def person(user: str, *roles: Role, tenant: str = "acme") -> Principal:
    return Principal(key_id=f"key-{user}", tenant=tenant, user=user, roles=roles or ("user",))


ANN, BOB = person("ann"), person("bob")
BOSS, ROOT = person("boss", "operator"), person("root", "admin")


@dataclass
class Desk:
    """``woken`` has the approvals whose runs were continued."""

    store: Store
    four_eyes: bool = False
    now: float = 1000.0
    woken: list[Approval] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.audit = AuditLog(self.store, Seal())
        self.kept = ApprovalStore(self.store, CIPHER, kept_for_s=9999, clock=lambda: self.now)
        self.approvals = Approvals(
            self.kept, self.audit, self.wake, four_eyes=self.four_eyes, clock=lambda: self.now
        )

    async def wake(self, tenant: str, approval: Approval) -> None:
        assert tenant == "acme"
        self.woken.append(approval)

    async def ask(self, name: str, user: str = "ann") -> None:
        request = ApprovalRequest(
            id=name, run_id=f"run-{name}", tool="block", arguments='{"card": 7}', expires_at=ENDS
        )
        asked = Approval(
            request=request, user=user, parameters=SCHEMA, request_id="r1", asked_at=self.now
        )
        await self.kept.async_ask("acme", asked)
        self.now += 1

    async def decide(
        self, by: Principal, choice: Choice = "approve", arguments: str = "", comment: str = ""
    ) -> Approval:
        return await self.approvals.async_decide(
            by, "a", choice, arguments=arguments, comment=comment
        )

    async def listed(self, by: Principal, limit: int = 9) -> list[str]:
        found = await self.approvals.async_list(by, limit=limit)
        return [approval.request.id for approval in found]


@pytest.fixture
async def desk(store: Store) -> Desk:
    desk = Desk(store)
    await desk.ask("a")
    return desk


async def test_askers_see_their_own_approvals_and_deciders_all(desk: Desk) -> None:
    await desk.ask("b", "bob")

    assert await desk.listed(ANN) == ["a"]
    assert await desk.listed(BOB) == ["b"]
    assert await desk.listed(BOSS) == await desk.listed(ROOT) == ["b", "a"]
    assert await desk.listed(BOSS, limit=1) == ["b"]
    assert await desk.listed(person("boss", "operator", tenant="other")) == []


async def test_the_approval_of_another_user_or_tenant_is_not_found(desk: Desk) -> None:
    assert (await desk.approvals.async_get(ANN, "a")).status == "pending"
    assert (await desk.approvals.async_get(BOSS, "a")).user == "ann"
    for other in (BOB, person("ann", tenant="other"), person("boss", "operator", tenant="other")):
        with pytest.raises(NotFound):
            await desk.approvals.async_get(other, "a")


async def test_only_deciders_decide(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        await desk.decide(ANN)

    assert (await desk.approvals.async_get(ANN, "a")).status == "pending"
    assert desk.woken == []


async def test_an_approval_allows_exactly_what_was_asked_and_continues_the_run(desk: Desk) -> None:
    decided = await desk.decide(BOSS)

    assert decided.ruling is not None
    assert (decided.status, decided.ruling.arguments) == ("approved", '{"card": 7}')
    assert (decided.ruling.edited, decided.ruling.key_id) == (False, "key-boss")
    assert desk.woken == [decided]
    assert await desk.approvals.async_get(ANN, "a") == decided


async def test_a_rejection_allows_nothing(desk: Desk) -> None:
    decided = await desk.decide(BOSS, "reject", comment="ask again tomorrow")

    assert decided.ruling is not None
    assert (decided.status, decided.ruling.arguments) == ("rejected", "")
    assert decided.ruling.comment == "ask again tomorrow"


async def test_edited_arguments_are_checked_and_made_canonical(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        await desk.decide(BOSS, "edit", '{"card": "seven"}')
    decided = await desk.decide(BOSS, "edit", '{ "card": 8.0 }')

    assert decided.ruling is not None
    assert (decided.ruling.arguments, decided.ruling.edited) == ('{"card": 8}', True)


@pytest.mark.parametrize("choice", ["approve", "reject"])
async def test_arguments_are_given_only_to_edit_them(desk: Desk, choice: Choice) -> None:
    with pytest.raises(InvalidInput, match="edit"):
        await desk.decide(BOSS, choice, '{"card": 8}')


async def test_the_same_decision_may_be_repeated_and_another_is_a_conflict(desk: Desk) -> None:
    first = await desk.decide(BOSS)

    assert await desk.decide(ROOT) == first
    with pytest.raises(Conflict, match="approved before"):
        await desk.decide(BOSS, "reject")
    with pytest.raises(Conflict, match="approved before"):
        await desk.decide(BOSS, "edit", '{"card": 8}')
    assert desk.woken == [first, first]


async def test_after_its_end_nobody_decides(desk: Desk) -> None:
    desk.now = ENDS

    with pytest.raises(Conflict, match="in time"):
        await desk.decide(BOSS)

    assert desk.woken == []


async def test_with_four_eyes_nobody_decides_about_their_own_runs(store: Store) -> None:
    desk = Desk(store, four_eyes=True)
    await desk.ask("a", "boss")

    with pytest.raises(Forbidden, match="somebody else"):
        await desk.decide(BOSS)
    assert (await desk.decide(ROOT)).status == "approved"


async def test_a_comment_is_stored_without_personal_data(desk: Desk) -> None:
    decided = await desk.decide(BOSS, comment="write to ann@example.com")

    assert decided.ruling is not None
    assert "ann@example.com" not in decided.ruling.comment
    assert decided.ruling.comment.startswith("write to ")


async def test_each_decision_is_audited_with_who_made_it_and_about_what(desk: Desk) -> None:
    await desk.decide(BOSS, "reject")

    (entry,) = await desk.audit.async_read("acme", after=0, limit=9)
    assert entry.decision.action == "approval.reject"
    assert (entry.decision.actor, entry.decision.target) == ("key-boss", "a")
    assert (entry.decision.reason, entry.decision.request_id) == ("block", "r1")


async def test_who_asked_can_withdraw_it_and_its_run_continues(desk: Desk) -> None:
    withdrawn = await desk.approvals.async_withdraw(ANN, "a")

    assert withdrawn.ruling is not None
    assert (withdrawn.status, withdrawn.ruling.arguments) == ("withdrawn", "")
    assert withdrawn.ruling.key_id == "key-ann"
    assert await desk.approvals.async_withdraw(ANN, "a") == withdrawn
    assert desk.woken == [withdrawn, withdrawn]
    (entry,) = await desk.audit.async_read("acme", after=0, limit=9)
    assert (entry.decision.action, entry.decision.actor) == ("approval.withdraw", "key-ann")


async def test_nobody_withdraws_what_somebody_else_asked_for(desk: Desk) -> None:
    for other in (BOB, BOSS, ROOT, person("ann", tenant="other")):
        with pytest.raises(NotFound):
            await desk.approvals.async_withdraw(other, "a")

    assert (await desk.approvals.async_get(ANN, "a")).status == "pending"
    assert await desk.audit.async_read("acme", after=0, limit=9) == ()


@pytest.mark.parametrize("choice", ["approve", "reject"])
async def test_what_is_decided_cannot_be_withdrawn(desk: Desk, choice: Choice) -> None:
    decided = await desk.decide(BOSS, choice)

    with pytest.raises(Conflict, match=f"{decided.status} before"):
        await desk.approvals.async_withdraw(ANN, "a")
    assert await desk.approvals.async_get(ANN, "a") == decided


async def test_what_is_withdrawn_cannot_be_approved(desk: Desk) -> None:
    await desk.approvals.async_withdraw(ANN, "a")

    with pytest.raises(Conflict, match="withdrawn before"):
        await desk.decide(BOSS)


async def test_after_its_end_nothing_is_withdrawn(desk: Desk) -> None:
    desk.now = ENDS

    with pytest.raises(Conflict, match="in time"):
        await desk.approvals.async_withdraw(ANN, "a")


async def test_with_four_eyes_the_own_request_can_be_withdrawn(store: Store) -> None:
    desk = Desk(store, four_eyes=True)
    await desk.ask("a", "boss")

    assert (await desk.approvals.async_withdraw(BOSS, "a")).status == "withdrawn"
