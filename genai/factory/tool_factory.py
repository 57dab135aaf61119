"""Builds an agent's tools, each behind the walls that its settings ask for."""

import os
from collections.abc import Sequence
from pathlib import Path

from genai.base.tool import BaseTool
from genai.errors import Misconfigured
from genai.settings import SQLToolSettings
from genai.tools.database import Database

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")


def build_tools(settings: Sequence[SQLToolSettings]) -> tuple[BaseTool, ...]:
    """Nothing is opened yet. Raises `Misconfigured` for an address that cannot be one."""
    tools = tuple(_build_sql(configured) for configured in settings)
    names = [tool.name for tool in tools]
    if len(set(names)) < len(names):
        raise Misconfigured(f"two tools have the same name: {', '.join(names)}")
    return tools


def _build_sql(settings: SQLToolSettings) -> BaseTool:
    try:
        from genai.tools.sql import SQLTool
    except ImportError as error:
        raise ImportError('pip install "genai-factory[sql]"') from error
    return SQLTool(
        _build_database(settings),
        name=settings.name,
        max_rows=settings.max_rows,
        timeout_s=settings.timeout_s,
    )


def _build_database(settings: SQLToolSettings) -> Database:
    url = _url(settings)
    if url.startswith(SQLITE):
        from genai.tools.sqlite import SQLiteDatabase

        return SQLiteDatabase(Path(url.removeprefix(SQLITE)), settings.tables)
    if url.startswith(POSTGRES):
        try:
            from genai.tools.postgres import PostgresDatabase
        except ImportError as error:
            raise ImportError('pip install "genai-factory[sql]"') from error
        return PostgresDatabase(url, settings.tables)
    raise Misconfigured("the address of a SQL tool begins with sqlite:/// or postgresql://")


def _url(settings: SQLToolSettings) -> str:
    """An address with a password in it belongs into the environment, not into the settings."""
    if settings.url_env is None:
        return settings.url
    url = os.environ.get(settings.url_env)
    if not url:
        raise Misconfigured(f"the variable {settings.url_env} with the database's address is empty")
    return url
