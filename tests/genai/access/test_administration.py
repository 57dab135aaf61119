from collections.abc import Mapping

import pytest

from genai.access.administration import Administration, NewKey
from genai.access.budgets import Budgets, Scope
from genai.access.erasure import Erasure
from genai.access.keys import Keys
from genai.access.principal import Budget, Principal, Role
from genai.audit.chain import Seal
from genai.audit.log import AuditLog, AuditTrail
from genai.errors import NotFound, Unauthenticated
from genai.memory.store import Store
from genai.settings.access import BudgetSettings, Spendable

DOLLAR = 1_000_000


def person(user: str, *roles: Role, tenant: str = "acme") -> Principal:
    return Principal(key_id=f"key-{user}", tenant=tenant, user=user, roles=roles or ("user",))


ROOT, ANN, AUDITOR = person("root", "admin"), person("ann"), person("eve", "auditor")


class Counting:
    """An eraser of two things."""

    async def async_erase(self, tenant: str, user: str) -> Mapping[str, int]:
        return {"things": 2}


class Office:
    def __init__(self, store: Store) -> None:
        self.keys, self.log = Keys(store), AuditLog(store, Seal())
        defaults = BudgetSettings(per_user=Spendable(usd_per_day=3))
        self.administration = Administration(
            self.keys, Budgets(store, defaults), Erasure([Counting()]), AuditTrail(self.log)
        )

    async def logged(self) -> list[tuple[str, str, str]]:
        entries = await self.log.async_read("acme", after=0, limit=99)
        return [(e.decision.action, e.decision.target, e.decision.reason) for e in entries]

    async def key(self, budget: Budget | None = None) -> tuple[str, str]:
        """A key, and its id."""
        wanted = NewKey(user="ann", budget=budget or Budget())
        bearer, record = await self.administration.async_create_key(ROOT, wanted)
        return bearer, record.principal.key_id


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


async def test_a_key_is_created_for_the_tenant_of_its_creator_and_audited_with_its_rights(
    office: Office,
) -> None:
    wanted = NewKey(user="ann", roles=("user", "operator"), groups=("legal",), name="laptop")

    bearer, record = await office.administration.async_create_key(ROOT, wanted)

    principal = await office.keys.async_authenticate(bearer)
    assert (principal.tenant, principal.user, principal.groups) == ("acme", "ann", ("legal",))
    assert principal.roles == ("user", "operator")
    assert record.name == "laptop"
    assert await office.logged() == [
        ("key.create", principal.key_id, "roles user operator groups legal")
    ]


async def test_a_key_is_revoked_by_its_own_tenant_only(office: Office) -> None:
    bearer, key_id = await office.key()

    with pytest.raises(NotFound):
        await office.administration.async_revoke_key(person("root", "admin", tenant="b"), key_id)
    await office.administration.async_revoke_key(ROOT, key_id)

    with pytest.raises(Unauthenticated):
        await office.keys.async_authenticate(bearer)
    assert (await office.logged())[-1] == ("key.revoke", key_id, "")


async def test_a_budget_is_that_of_the_key_else_of_the_settings(office: Office) -> None:
    _, key_id = await office.key(Budget(micro_usd_per_day=7))

    of_key = await office.administration.async_budget(ROOT, "key", key_id)
    of_user = await office.administration.async_budget(ROOT, "user", "ann")
    changed = await office.administration.async_set_budget(
        ROOT, "key", key_id, Budget(micro_usd_per_day=9, micro_usd_per_month=90)
    )

    assert (of_key.limit_day, of_key.limit_month) == (7, None)
    assert (of_user.limit_day, of_user.limit_month) == (3 * DOLLAR, None)
    assert (changed.limit_day, changed.limit_month) == (9, 90)
    assert (await office.logged())[-1] == ("budget.set", f"key {key_id}", "day 9 month 90")


async def test_an_audited_budget_of_a_user_does_not_name_the_user(office: Office) -> None:
    await office.administration.async_set_budget(ROOT, "user", "ann", Budget(micro_usd_per_day=5))

    assert await office.logged() == [("budget.set", "user", "day 5 month None")]


@pytest.mark.parametrize(
    ("by", "scope", "name", "seen"),
    [
        (ANN, "user", "ann", True),
        (ANN, "user", "bob", False),
        (ANN, "tenant", "acme", False),
        (ANN, "key", "key-bob", False),
        (AUDITOR, "user", "bob", True),
        (AUDITOR, "tenant", "acme", True),
        (AUDITOR, "tenant", "other", False),
        (AUDITOR, "key", "key-nobody", False),
    ],
)
async def test_users_see_their_own_budgets_and_overseers_those_of_the_tenant(
    office: Office, by: Principal, scope: Scope, name: str, seen: bool
) -> None:
    if seen:
        status = await office.administration.async_budget(by, scope, name)
        assert status.scope.startswith(scope)
    else:
        with pytest.raises(NotFound):
            await office.administration.async_budget(by, scope, name)


async def test_an_erasure_is_audited_before_and_after_without_the_name(office: Office) -> None:
    receipt = await office.administration.async_erase(ROOT, "ann")

    assert receipt.removed == {"things": 2}
    assert await office.logged() == [
        ("subject.erase.begin", "", ""),
        ("subject.erase", receipt.id, "things 2"),
    ]
