import asyncio
import hashlib
from typing import Any

import pytest
from redis.asyncio import Redis

from genai.access.keys import CACHED_FOR_S, REFRESHED_AFTER_S, Keys
from genai.access.principal import Budget, KeyLimits
from genai.errors import InvalidInput, TryLater, Unauthenticated
from genai.memory.store import Command, Store
from tests.support.redis_server import RedisServer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_new_key_is_authenticated_with_its_limits_and_budget(store: Store) -> None:
    limits, budget = KeyLimits(requests_per_minute=7), Budget(micro_usd_per_day=5)
    key, record = await Keys(store).async_create(
        "acme", "ann", roles=("operator",), limits=limits, budget=budget
    )

    principal = await Keys(store).async_authenticate(key)

    assert principal == record.principal
    assert (principal.tenant, principal.user) == ("acme", "ann")
    assert (principal.limits, principal.budget) == (limits, budget)


async def test_redis_knows_the_hash_of_a_secret_and_never_the_secret(
    own_redis: RedisServer,
) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    key, record = await Keys(store).async_create("acme", "ann")
    await Keys(store).async_authenticate(key)
    await store.close()
    secret = key.removeprefix(f"gaf_{record.principal.key_id}_").encode()

    (file,) = own_redis.directory.glob("*.aof")  # every command as it was sent, uncompressed
    written = file.read_bytes()

    assert hashlib.sha256(secret).hexdigest().encode() in written
    assert secret not in written


@pytest.mark.parametrize(
    "mangle",
    [
        lambda key: "",
        lambda key: "gaf_",
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key + "A",
        lambda key: key + "\n",
        lambda key: key.upper(),
        lambda key: f"gaf_{'0' * 16}_{key[-43:]}",
        lambda key: key.replace("gaf_", "gaf_*"),
        lambda key: "\ud800" * 64,
        lambda key: "x" * 1_000_000,
    ],
)
async def test_all_invalid_keys_are_refused_with_the_same_error(store: Store, mangle) -> None:  # type: ignore[no-untyped-def]
    keys = Keys(store)
    key, _ = await keys.async_create("acme", "ann")

    with pytest.raises(Unauthenticated, match="the API key is missing or not valid"):
        await keys.async_authenticate(mangle(key))


async def test_a_revoked_key_stops_working_everywhere_within_five_seconds(store: Store) -> None:
    clock = Clock()
    here, there = Keys(store), Keys(store, monotonic=clock)
    key, record = await here.async_create("acme", "ann")
    await there.async_authenticate(key)

    assert await here.async_revoke("acme", record.principal.key_id)

    with pytest.raises(Unauthenticated):
        await here.async_authenticate(key)
    clock.now += 5
    with pytest.raises(Unauthenticated):
        await there.async_authenticate(key)


class LateStore(Store):
    """Holds back replies about keys until ``go_on`` is set."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def run(self, command: Command[Any]) -> Any:
        reply = await super().run(command)
        if command.words[0] == "HMGET":
            self.asked.set()
            await self.go_on.wait()
        return reply


async def test_a_record_read_before_a_revocation_is_not_cached_after_it(
    redis_client: Redis,
) -> None:
    late = LateStore(redis_client)
    keys = Keys(late)
    key, record = await keys.async_create("acme", "ann")
    before = asyncio.create_task(keys.async_authenticate(key))
    await late.asked.wait()

    await keys.async_revoke("acme", record.principal.key_id)
    late.go_on.set()
    await before

    with pytest.raises(Unauthenticated):
        await keys.async_authenticate(key)


async def test_an_authenticated_key_is_cached(own_redis: RedisServer) -> None:
    store = Store(own_redis.client(5.0), timeout_s=5.0)
    keys = Keys(store)
    key, _ = await keys.async_create("acme", "ann")
    await keys.async_authenticate(key)
    own_redis.kill()

    assert (await keys.async_authenticate(key)).user == "ann"
    await store.close()


async def test_a_key_in_use_is_refreshed_in_the_background(
    own_redis: RedisServer,
) -> None:
    store, clock = Store(own_redis.client(5.0), timeout_s=5.0), Clock()
    keys = Keys(store, monotonic=clock)
    key, record = await keys.async_create("acme", "ann")
    await keys.async_authenticate(key)

    clock.now += REFRESHED_AFTER_S + 0.1
    await keys.async_authenticate(key)
    await asyncio.sleep(0.1)
    await store.flush()
    own_redis.kill()
    clock.now += CACHED_FOR_S - 0.1

    assert await keys.async_authenticate(key) == record.principal
    await store.close()


async def test_without_redis_cached_keys_are_valid_no_longer_than_configured(
    own_redis: RedisServer,
) -> None:
    clock, store = Clock(), Store(own_redis.client(5.0), timeout_s=5.0)
    strict, lenient = Keys(store, monotonic=clock), Keys(store, monotonic=clock, stale_for_s=30)
    key, _ = await strict.async_create("acme", "ann")
    for keys in (strict, lenient):
        await keys.async_authenticate(key)
    own_redis.kill()
    clock.now += 20

    with pytest.raises(TryLater):
        await strict.async_authenticate(key)
    assert await lenient.async_authenticate(key)
    clock.now += 20
    with pytest.raises(TryLater):
        await lenient.async_authenticate(key)
    await store.close()


async def test_a_tenant_sees_and_revokes_only_its_own_keys(store: Store) -> None:
    keys = Keys(store)
    key, record = await keys.async_create("acme", "ann")
    await keys.async_create("other", "bob")

    assert await keys.async_list("acme") == (record,)
    assert not await keys.async_revoke("other", record.principal.key_id)
    assert await keys.async_authenticate(key)


async def test_the_list_says_which_keys_are_revoked(store: Store) -> None:
    keys = Keys(store)
    _, record = await keys.async_create("acme", "ann")
    await keys.async_revoke("acme", record.principal.key_id)

    (listed,) = await keys.async_list("acme")

    assert listed.revoked is not None


async def test_ids_with_characters_that_could_break_a_key_are_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        await Keys(store).async_create("a}|b", "ann")


async def test_concurrent_lookups_of_a_key_succeed(store: Store) -> None:
    key, _ = await Keys(store).async_create("acme", "ann")
    keys = Keys(store)

    found = await asyncio.gather(*(keys.async_authenticate(key) for _ in range(50)))

    assert {principal.user for principal in found} == {"ann"}
