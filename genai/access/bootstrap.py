"""Print the developer's API key; create it at the first start of the service.

    python -m genai.access.bootstrap

The key is stored in a file that only its owner may read. Later runs print the same key, while it is valid.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from genai.access.keys import Keys
from genai.access.principal import Role
from genai.errors import Unauthenticated
from genai.memory.connection import PROJECT, connect
from genai.memory.store import Store
from genai.settings.state import RedisSettings

EVERY_ROLE: tuple[Role, ...] = ("user", "operator", "admin", "auditor")
KEY_FILE = PROJECT / "var" / "dev-key"


async def async_ensure_key(
    keys: Keys, path: Path = KEY_FILE, *, tenant: str = "demo", user: str = "developer"
) -> str:
    """The key in the file if it is valid; otherwise a new one with every role, which is stored there."""
    key = _read(path)
    try:
        await keys.async_authenticate(key)
    except Unauthenticated:
        key, _ = await keys.async_create(tenant, user, roles=EVERY_ROLE, name="development")
        _write(path, key)
    return key


async def async_bootstrap(settings: RedisSettings, path: Path = KEY_FILE) -> str:
    """`async_ensure_key`, with its own connection to Redis."""
    store = Store(connect(settings), timeout_s=5.0)
    try:
        return await async_ensure_key(Keys(store), path)
    finally:
        await store.close()


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _write(path: Path, key: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key + "\n")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--file", type=Path, default=KEY_FILE)
    parser.add_argument("--socket", help="of an embedded Redis; REDIS_URL takes precedence")
    args = parser.parse_args(argv)
    settings = RedisSettings(embedded_socket=args.socket) if args.socket else RedisSettings()
    sys.stdout.write(asyncio.run(async_bootstrap(settings, args.file)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
