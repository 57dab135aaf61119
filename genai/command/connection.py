"""Connects a command to the Redis of the service."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from genai.errors import Misconfigured
from genai.memory.connection import connect
from genai.memory.store import Store
from genai.section import Section
from genai.settings.access import AuditSettings, BudgetSettings
from genai.settings.state import DataKeySettings, RedisSettings

PATIENCE_S = 5.0


class Configured(Section):
    """The settings of the service that commands need."""

    redis: RedisSettings = RedisSettings()
    budgets: BudgetSettings = BudgetSettings()
    audit: AuditSettings = AuditSettings()
    data_key: DataKeySettings = DataKeySettings()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, help="the service's serve_config.yaml; the one here by default"
    )
    parser.add_argument("--socket", help="of an embedded Redis; REDIS_URL goes first")


def configured(args: argparse.Namespace) -> Configured:
    """Raises `Misconfigured` for a file that cannot be read."""
    path: Path | None = args.config
    if path is None and Path("serve_config.yaml").is_file():
        path = Path("serve_config.yaml")
    found = _read(path) if path else Configured()
    if args.socket:
        redis = found.redis.model_copy(update={"embedded_socket": args.socket})
        found = found.model_copy(update={"redis": redis})
    return found


def _read(path: Path) -> Configured:
    try:
        arguments = yaml.safe_load(path.read_text())["applications"][0]["args"]
        wanted = {name: arguments[name] for name in Configured.model_fields if name in arguments}
        return Configured.model_validate(wanted)
    except (OSError, yaml.YAMLError, KeyError, TypeError, IndexError, ValueError) as error:
        raise Misconfigured(f"{path.name} cannot be read as the service's config") from error


@asynccontextmanager
async def open_store(settings: Configured) -> AsyncIterator[Store]:
    store = Store(connect(settings.redis, os.environ), timeout_s=PATIENCE_S)
    try:
        yield store
    finally:
        await store.close()
