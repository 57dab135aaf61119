"""Builds the tools of an agent, with the wrappers that enforce their settings."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import assert_never

from genai.base.tool import BaseTool, ToolSource
from genai.errors import Misconfigured
from genai.factory.observability_factory import traced_tool
from genai.factory.safety_factory import build_guard
from genai.rag.base import Retriever
from genai.safety.base import Guard
from genai.settings.application import Settings
from genai.settings.tools import (
    CalculatorToolSettings,
    DocumentSearchToolSettings,
    HTTPGetToolSettings,
    MCPToolSettings,
    SQLToolSettings,
    StatementToolSettings,
    ToolSettings,
)
from genai.tools.database import Database
from genai.tools.guarded import GuardedTool
from genai.tools.limited import LimitedTool
from genai.tools.toolbox import Toolbox

OwnToolSettings = (
    SQLToolSettings
    | CalculatorToolSettings
    | DocumentSearchToolSettings
    | HTTPGetToolSettings
    | StatementToolSettings
)

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")


def build_tools(
    settings: Sequence[ToolSettings], guard: Guard, retriever: Callable[[], Retriever]
) -> tuple[BaseTool, ...]:
    """Nothing is opened yet. ``guard`` checks what the tools find, before a model reads it.

    Raises `Misconfigured` for an address that cannot be one.
    """
    return tuple(
        _limited(_build(configured, retriever), configured, guard)
        for configured in settings
        if not isinstance(configured, MCPToolSettings)
    )


def build_toolbox(settings: Settings, guard: Guard, retriever: Callable[[], Retriever]) -> Toolbox:
    """The agent's tools for direct callers; ``guard`` checks the results."""
    tools = build_tools(settings.agent.tools, build_guard(settings.safety), retriever)
    return Toolbox(tools, guard)


def build_sources(settings: Sequence[ToolSettings], guard: Guard) -> tuple[ToolSource, ...]:
    """Where more tools come from. Nothing is opened yet."""
    servers = [configured for configured in settings if isinstance(configured, MCPToolSettings)]
    if not servers:
        return ()
    try:
        from genai.tools.mcp import MCPSource
    except ImportError as error:
        raise ImportError('pip install "genai-factory[mcp]"') from error
    return tuple(MCPSource(server, guard, lambda tool: _walled(tool, guard)) for server in servers)


def _limited(tool: BaseTool, settings: ToolSettings, guard: Guard) -> BaseTool:
    tool.timeout_s, tool.max_result_chars = settings.timeout_s, settings.max_result_chars
    tool.roles, tool.tenants = settings.roles, settings.tenants
    return _walled(tool, guard)


def _walled(tool: BaseTool, guard: Guard) -> BaseTool:
    return traced_tool(GuardedTool(LimitedTool(tool), guard))


def _build(settings: OwnToolSettings, retriever: Callable[[], Retriever]) -> BaseTool:
    match settings:
        case SQLToolSettings():
            return _build_sql(settings)
        case CalculatorToolSettings():
            from genai.tools.calculator import CalculatorTool

            return CalculatorTool(name=settings.name)
        case DocumentSearchToolSettings():
            from genai.tools.document_search import DocumentSearchTool

            return DocumentSearchTool(retriever(), name=settings.name, passages=settings.passages)
        case HTTPGetToolSettings():
            from genai.tools.http_get import HTTPGetTool

            return HTTPGetTool(settings.hosts, name=settings.name, max_bytes=settings.max_bytes)
        case StatementToolSettings():
            return _build_statement(settings)
        case _:
            assert_never(settings)


def _build_sql(settings: SQLToolSettings) -> BaseTool:
    try:
        from genai.tools.sql import SQLTool
    except ImportError as error:
        raise ImportError('pip install "genai-factory[sql]"') from error
    return SQLTool(
        build_database(settings),
        name=settings.name,
        max_rows=settings.max_rows,
        timeout_s=settings.timeout_s,
    )


def _build_statement(settings: StatementToolSettings) -> BaseTool:
    from genai.tools.sqlite_writer import Requirement, SQLiteWriter
    from genai.tools.statement import StatementTool

    if not settings.url.startswith(SQLITE):
        raise Misconfigured("the address of a statement tool begins with sqlite:///")
    requirements = [Requirement(each.query, each.otherwise) for each in settings.requires]
    path = Path(settings.url.removeprefix(SQLITE))
    return StatementTool(settings, SQLiteWriter(path, settings.statement, requirements))


def build_database(settings: SQLToolSettings) -> Database:
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
