from genai.memory.cipher import Cipher
from genai.memory.sealed_lines import SealedLines
from genai.memory.store import Command, Store
from tests.support.vault import CIPHER


async def test_all_or_the_newest_lines_are_read_oldest_first(
    store: Store,
) -> None:
    lines = SealedLines(store, CIPHER, "lines")
    await lines.async_add("acme", "ada", "1")
    lines.post("acme", "bob", "2")
    await lines.async_add("acme", "ada", "3")
    await lines.async_add("other", "eve", "4")

    assert [line async for line in lines.async_all("acme")] == [b"1", b"2", b"3"]
    assert await lines.async_newest("acme", 2) == [b"2", b"3"]


async def test_only_the_user_is_readable_in_redis(store: Store) -> None:
    await SealedLines(store, CIPHER, "lines").async_add("acme", "ada", "a secret")

    [(_, fields)] = await store.run(Command(("XRANGE", "{acme}|lines", "-", "+"), list))

    assert b"ada" in fields
    assert b"a secret" not in b" ".join(fields)


async def test_lines_sealed_with_another_key_are_skipped(store: Store) -> None:
    await SealedLines(store, Cipher(b"another key".ljust(32)), "lines").async_add(
        "acme", "ada", "1"
    )
    lines = SealedLines(store, CIPHER, "lines")
    await lines.async_add("acme", "ada", "2")

    assert [line async for line in lines.async_all("acme")] == [b"2"]
    assert await lines.async_newest("acme", 10) == [b"2"]
