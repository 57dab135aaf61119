from pathlib import Path

from genai.memory.connection import connect
from genai.settings.state import RedisSettings


async def test_the_socket_path_is_resolved_through_links(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    far = tmp_path / ("far" * 40)
    far.symlink_to(home, target_is_directory=True)

    client = connect(RedisSettings(embedded_socket=str(far / "redis.sock")), {})

    assert client.connection_pool.connection_kwargs["path"] == str(home / "redis.sock")
    await client.aclose()
