"""The contract of session memory, for each implementation."""

import asyncio

import pytest

from genai.errors import InvalidInput
from genai.memory.in_process import InProcessMemory
from genai.memory.redis import RedisMemory
from genai.memory.store import Store
from genai.messages import Turn
from genai.settings.state import MemorySettings
from tests.support.vault import CIPHER

SETTINGS = MemorySettings(max_turns=6)
EVERYTHING = 1_000_000

Memory = RedisMemory | InProcessMemory


@pytest.fixture(params=["redis", "in_process"])
def memory(request: pytest.FixtureRequest, store: Store) -> Memory:
    return (
        RedisMemory(store, SETTINGS, CIPHER)
        if request.param == "redis"
        else InProcessMemory(SETTINGS)
    )


def said(*texts: str, tokens: int = 10) -> tuple[Turn, ...]:
    return tuple(Turn(role="user", content=text, tokens=tokens) for text in texts)


async def everything(memory: Memory, tenant: str, user: str, session_id: str) -> list[str]:
    return texts(await memory.async_retrieve(tenant, user, session_id, max_tokens=EVERYTHING))


def texts(turns: tuple[Turn, ...]) -> list[str]:
    return [turn.content for turn in turns]


async def test_turns_come_back_in_order(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said("one", "two"))
    await memory.async_store("acme", "ann", "s1", said("three"))

    turns = await memory.async_retrieve("acme", "ann", "s1", max_tokens=EVERYTHING)

    assert texts(turns) == ["one", "two", "three"]


async def test_a_new_session_is_empty(memory: Memory) -> None:
    assert await memory.async_retrieve("acme", "ann", "new", max_tokens=EVERYTHING) == ()


async def test_the_newest_turns_fill_the_token_budget(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said("one", "two", "three"))

    assert texts(await memory.async_retrieve("acme", "ann", "s1", max_tokens=29)) == [
        "two",
        "three",
    ]
    assert await memory.async_retrieve("acme", "ann", "s1", max_tokens=9) == ()


async def test_a_turn_that_is_too_long_ends_the_history(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said("short"))
    await memory.async_store("acme", "ann", "s1", said("long", tokens=1000))
    await memory.async_store("acme", "ann", "s1", said("last"))

    turns = await memory.async_retrieve("acme", "ann", "s1", max_tokens=100)

    assert texts(turns) == ["last"]


async def test_length_and_time_are_filled_in(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", [Turn(role="user", content="How are you?")])

    (turn,) = await memory.async_retrieve("acme", "ann", "s1", max_tokens=EVERYTHING)

    assert turn.tokens > 0
    assert turn.at > 0


async def test_only_the_newest_turns_are_kept(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said(*"abcdefghij"))

    assert await everything(memory, "acme", "ann", "s1") == list("efghij")


async def test_users_have_separate_sessions_with_the_same_id(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said("secret"))

    assert await everything(memory, "acme", "bob", "s1") == []
    await memory.async_store("acme", "bob", "s1", said("mine"))
    assert await everything(memory, "acme", "bob", "s1") == ["mine"]
    assert await memory.async_delete("acme", "bob", "s1")
    assert await everything(memory, "acme", "ann", "s1") == ["secret"]


async def test_tenants_have_separate_sessions_with_the_same_id(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said("secret"))

    assert await memory.async_retrieve("other", "ann", "s1", max_tokens=EVERYTHING) == ()


async def test_a_deleted_session_is_gone(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said("one"))

    assert await memory.async_delete("acme", "ann", "s1")
    assert not await memory.async_delete("acme", "ann", "s1")
    assert await memory.async_sessions("acme", "ann") == ()
    assert await everything(memory, "acme", "ann", "s1") == []


async def test_a_user_has_a_list_of_sessions(memory: Memory) -> None:
    await memory.async_store("acme", "ann", "s1", said("one"))
    await memory.async_store("acme", "ann", "s2", said("two"))
    await memory.async_store("acme", "bob", "s3", said("three"))

    of_ann = await memory.async_sessions("acme", "ann")
    assert len(of_ann) == 2
    for listed in of_ann:
        assert await memory.async_delete("acme", "ann", listed)
    assert await everything(memory, "acme", "ann", "s1") == []
    assert await memory.async_sessions("acme", "ann") == ()
    assert len(await memory.async_sessions("acme", "bob")) == 1


@pytest.mark.parametrize("bad", ["", "a b", "a|b", "{acme}", "ü", "a\n", "x" * 129])
async def test_ids_with_characters_that_could_break_a_key_are_refused(
    memory: Memory, bad: str
) -> None:
    for names in ((bad, "ann", "s1"), ("acme", bad, "s1"), ("acme", "ann", bad)):
        with pytest.raises(InvalidInput):
            await memory.async_store(*names, said("one"))


async def test_concurrent_appends_are_atomic(store: Store) -> None:
    memory = RedisMemory(store, MemorySettings(max_turns=1000), CIPHER)

    async def worker(name: int) -> None:
        for i in range(10):
            await memory.async_store("acme", "ann", "s1", said(f"{name}.{i}a", f"{name}.{i}b"))

    await asyncio.gather(*map(worker, range(8)))

    stored = await everything(memory, "acme", "ann", "s1")
    pairs = list(zip(stored[::2], stored[1::2], strict=True))
    assert len(pairs) == 80
    assert all(a == b[:-1] + "a" for a, b in pairs)
    assert [a for a, _ in pairs if a.startswith("3.")] == [f"3.{i}a" for i in range(10)]
