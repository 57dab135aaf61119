import pytest
from redis.asyncio import Redis

from genai.approvals.approval import Approval, Ruling
from genai.approvals.store import ApprovalStore
from genai.errors import BackendFailed
from genai.memory.cipher import Cipher
from genai.memory.store import Store
from genai.messages import ApprovalRequest
from tests.support.vault import CIPHER

ENDS = 2000.0


def approvals(store: Store, cipher: Cipher = CIPHER, *, now: float = 1000.0) -> ApprovalStore:
    return ApprovalStore(store, cipher, kept_for_s=500, clock=lambda: now)


def asked(name: str = "a", user: str = "ann", tool: str = "block") -> Approval:
    request = ApprovalRequest(id=name, run_id="r", tool=tool, arguments="{}", expires_at=ENDS)
    return Approval(request=request, user=user, parameters="{}", request_id="r1", asked_at=1.0)


def approved(at: float = 1500.0) -> Ruling:
    return Ruling(verdict="approved", arguments='{"secret": 1}', at=at)


async def test_what_was_asked_first_stands(store: Store) -> None:
    first = await approvals(store).async_ask("acme", asked())

    assert await approvals(store).async_ask("acme", asked(tool="other")) == first == asked()
    assert await approvals(store).async_find("acme", "a") == first
    assert await approvals(store).async_find("other", "a") is None


async def test_the_first_ruling_counts(store: Store) -> None:
    await approvals(store).async_ask("acme", asked())
    rejected = Ruling(verdict="rejected", at=1600.0)

    assert await approvals(store).async_rule("acme", "a", approved()) == approved()
    assert await approvals(store).async_rule("acme", "a", rejected) == approved()
    found = await approvals(store).async_find("acme", "a")
    assert found is not None
    assert found.ruling == approved()


@pytest.mark.parametrize(
    ("ruling", "counts"),
    [
        (approved(at=ENDS - 0.1), True),
        (approved(at=ENDS), False),
        (Ruling(verdict="expired", at=ENDS - 0.1), False),
        (Ruling(verdict="expired", at=ENDS), True),
    ],
)
async def test_people_rule_before_the_end_and_time_after_it(
    store: Store, ruling: Ruling, counts: bool
) -> None:
    await approvals(store).async_ask("acme", asked())

    assert await approvals(store).async_rule("acme", "a", ruling) == (ruling if counts else None)


async def test_nothing_is_ruled_about_what_nobody_asked(store: Store) -> None:
    assert await approvals(store).async_rule("acme", "a", approved()) is None


async def test_a_listing_leaves_out_what_was_kept_long_enough(store: Store) -> None:
    await approvals(store).async_ask("acme", asked("old"))
    await approvals(store, now=1400.0).async_ask("acme", asked("b"))
    await approvals(store, now=1501.0).async_ask("acme", asked("c", "bob"))

    async def names(user: str | None, limit: int = 9) -> list[str]:
        found = await approvals(store).async_list("acme", user, limit=limit)
        return [approval.request.id for approval in found]

    assert await names(None) == ["c", "b"]
    assert await names(None, limit=1) == ["c"]
    assert await names("bob") == ["c"]


async def test_an_erased_user_has_no_approvals(store: Store, redis_client: Redis) -> None:
    await approvals(store).async_ask("acme", asked("a"))
    await approvals(store).async_ask("acme", asked("b", "bob"))

    assert await approvals(store).async_erase("acme", "ann") == 1
    assert await approvals(store).async_erase("acme", "ann") == 0
    assert await approvals(store).async_find("acme", "a") is None
    assert not await redis_client.keys("*ann*")
    assert len(await approvals(store).async_list("acme", limit=9)) == 1


async def test_redis_holds_no_argument_in_the_clear_and_a_foreign_ruling_approves_nothing(
    store: Store, redis_client: Redis
) -> None:
    await approvals(store).async_ask("acme", asked())
    await approvals(store).async_rule("acme", "a", approved())

    fields = await redis_client.hgetall("{acme}|approval|a")
    assert fields
    assert not [value for value in fields.values() if b"block" in value or b"secret" in value]
    await redis_client.hset("{acme}|approval|a", "ruling", b"forged")
    with pytest.raises(BackendFailed):
        await approvals(store).async_find("acme", "a")
