import asyncio

import pytest
from redis.asyncio import Redis

from genai.base.vault import Vault
from genai.memory.cipher import Cipher
from genai.memory.redis import RedisMemory
from genai.memory.store import Store
from genai.memory.vault import RedisVault
from genai.messages import Turn
from genai.settings.state import MemorySettings
from tests.support.vault import CIPHER, InProcessVault

ANN = ("acme", "ann", "s1")
CARD = ("CREDIT_CARD", "4111 1111 1111 1111")


def vault(store: Store, key: bytes = bytes(32)) -> RedisVault:
    return RedisVault(store, Cipher(key), ttl_s=100)


@pytest.fixture(params=["redis", "in process"])
def any_vault(request: pytest.FixtureRequest, store: Store) -> Vault:
    return vault(store) if request.param == "redis" else InProcessVault()


async def test_the_same_data_gets_the_same_placeholder_in_a_session(any_vault: Vault) -> None:
    first = await any_vault.async_name(*ANN, [CARD, ("CREDIT_CARD", "5555555555554444")])
    again = await any_vault.async_name(*ANN, [("CREDIT_CARD", "4111-1111-1111-1111")])

    assert [name[:-6] for name in first] == ["<CREDIT_CARD_1_", "<CREDIT_CARD_2_"]
    assert again == first[:1]
    assert await any_vault.async_known(*ANN) == {
        first[0]: "4111 1111 1111 1111",
        first[1]: "5555555555554444",
    }


@pytest.mark.parametrize(
    "other", [("acme", "bob", "s1"), ("rival", "ann", "s1"), ("acme", "ann", "s2")]
)
async def test_placeholders_are_private_to_a_user_and_session(
    any_vault: Vault, other: tuple[str, str, str]
) -> None:
    await any_vault.async_name(*ANN, [CARD])

    assert await any_vault.async_known(*other) == {}


async def test_concurrent_requests_never_share_a_placeholder(store: Store) -> None:
    subject = vault(store)
    cards = [[("CREDIT_CARD", str(number))] for number in range(50)]

    names = await asyncio.gather(*(subject.async_name(*ANN, card) for card in cards))

    assert len({name for [name] in names}) == 50


async def test_redis_stores_personal_data_encrypted_and_expires_it(
    redis_client: Redis, store: Store
) -> None:
    await vault(store).async_name(*ANN, [CARD])

    (key,) = await redis_client.keys("*")
    kept = str(await redis_client.hgetall(key))

    assert "4111" not in kept + str(key)
    assert 0 < await redis_client.ttl(key) <= 100


async def test_data_encrypted_with_another_key_is_left_out(store: Store) -> None:
    await vault(store).async_name(*ANN, [CARD])

    assert await vault(store, b"x" * 32).async_known(*ANN) == {}


async def test_deleting_a_session_deletes_its_personal_data(
    redis_client: Redis, store: Store
) -> None:
    memory = RedisMemory(store, MemorySettings(), CIPHER)
    await memory.async_store(*ANN, [Turn(role="user", content="hello")])
    await vault(store).async_name(*ANN, [CARD])

    await memory.async_delete(*ANN)

    assert await redis_client.keys("*") == []
