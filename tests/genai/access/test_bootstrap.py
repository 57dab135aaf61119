from pathlib import Path

import pytest
from redis.asyncio import Redis

from genai.access import bootstrap
from genai.access.keys import Keys
from genai.memory.store import Store


async def test_the_first_start_creates_a_key_file_that_only_its_owner_may_read(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "var" / "dev-key"

    key = await bootstrap.async_ensure_key(Keys(store), path)

    assert path.read_text() == key + "\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (await Keys(store).async_authenticate(key)).roles == bootstrap.EVERY_ROLE


async def test_a_later_start_finds_the_key(store: Store, tmp_path: Path) -> None:
    keys, path = Keys(store), tmp_path / "dev-key"

    first = await bootstrap.async_ensure_key(keys, path)

    assert await bootstrap.async_ensure_key(keys, path) == first
    assert len(await keys.async_list("demo")) == 1


async def test_a_key_that_redis_lost_is_replaced(
    store: Store, redis_client: Redis, tmp_path: Path
) -> None:
    path = tmp_path / "dev-key"
    first = await bootstrap.async_ensure_key(Keys(store), path)
    await redis_client.flushall()

    second = await bootstrap.async_ensure_key(Keys(store), path)

    assert second != first
    assert path.read_text() == second + "\n"


def test_the_command_prints_the_key(
    redis_socket: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    path = tmp_path / "dev-key"

    assert bootstrap.main(["--file", str(path), "--socket", str(redis_socket)]) == 0

    assert capsys.readouterr().out == path.read_text()
