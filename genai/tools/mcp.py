"""Tools of MCP servers, over stdio or HTTP.

The server is not trusted: names and arguments are validated here, descriptions and results are checked by
the guard, and a tool counts as having side effects unless the settings list it as read-only.
"""

import asyncio
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, cast

import httpx2
from mcp import ClientSession, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent, Tool
from pydantic import BaseModel, ConfigDict, JsonValue

from genai.base.tool import BaseTool, Observation, ToolSource
from genai.errors import BackendFailed, InvalidInput, Misconfigured
from genai.messages import RequestContext, ToolSpec
from genai.safety.base import Guard
from genai.settings.tools import MCPToolSettings
from genai.tools.json_schema import check_json

logger = logging.getLogger(__name__)

MAX_TOOLS: Final = 100
MAX_DESCRIPTION: Final = 1000
MAX_SCHEMA: Final = 20_000
ASK_AGAIN_AFTER_S: Final = 60.0
CONNECT_WITHIN_S: Final = 10.0
NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9_]+")

Streams = Callable[[], AbstractAsyncContextManager[tuple[Any, Any]]]


class MCPArguments(BaseModel):
    """Arguments that are validated against the server's schema."""

    model_config = ConfigDict(frozen=True)

    values: dict[str, Any]


class MCPConnection:
    """A session with a server, opened on demand and reopened after a failure.

    The session lives in its own task, because the package requires that it is closed where it was
    opened.
    """

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._session: ClientSession | None = None
        self._holder: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def async_list(self) -> list[Tool]:
        """Raises `BackendFailed`."""
        tools: list[Tool] = []
        cursor: str | None = None
        while len(tools) < MAX_TOOLS:
            session = await self._opened()
            params = {"cursor": cursor} if cursor else None
            try:
                page = await session.list_tools(params=params)  # type: ignore[arg-type]
            except Exception as error:
                await self.async_close()
                raise BackendFailed("an MCP server does not answer") from error
            tools += page.tools
            cursor = page.next_cursor
            if not cursor:
                break
        return tools[:MAX_TOOLS]

    async def async_call(
        self, name: str, arguments: Mapping[str, Any], *, within_s: float, meta: dict[str, Any]
    ) -> CallToolResult:
        """Raises `InvalidInput` if the server rejects the call, and `BackendFailed`."""
        session = await self._opened()
        try:
            return await session.call_tool(
                name, dict(arguments), read_timeout_seconds=within_s, meta=cast("Any", meta)
            )
        except MCPError as error:
            raise InvalidInput("the tool refuses this call") from error
        except Exception as error:
            await self.async_close()
            raise BackendFailed("an MCP server does not answer") from error

    async def async_close(self) -> None:
        """Idempotent."""
        holder, self._holder, self._session = self._holder, None, None
        if holder is not None:
            holder.cancel()
            await asyncio.wait([holder])

    async def _opened(self) -> ClientSession:
        async with self._opening:
            if self._session is None or self._holder is None or self._holder.done():
                ready: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
                self._holder = asyncio.create_task(self._hold(ready))
                try:
                    async with asyncio.timeout(CONNECT_WITHIN_S):
                        self._session = await ready
                except TimeoutError as error:
                    await self.async_close()
                    raise BackendFailed("an MCP server does not answer") from error
            return self._session

    async def _hold(self, ready: "asyncio.Future[ClientSession]") -> None:
        try:
            async with self._streams() as (read, write), ClientSession(read, write) as session:
                await session.initialize()
                if not ready.done():
                    ready.set_result(session)
                await asyncio.Event().wait()
        except Exception as error:
            if not ready.done():
                failed = BackendFailed("an MCP server cannot be reached")
                failed.__cause__ = error
                ready.set_exception(failed)


class MCPTool(BaseTool):
    """A tool of a server. It receives the idempotency key of the effect, and may use it for
    deduplication.
    """

    input_schema = MCPArguments

    def __init__(self, connection: MCPConnection, settings: MCPToolSettings, tool: Tool) -> None:
        self.name = f"{settings.name}_{NOT_IN_NAMES.sub('_', tool.name.lower())}"[:64]
        self.description = (tool.description or tool.title or "")[:MAX_DESCRIPTION]
        self.side_effects = tool.name not in settings.read_only
        self.timeout_s, self.max_result_chars = settings.timeout_s, settings.max_result_chars
        self.roles, self.tenants = settings.roles, settings.tenants
        self._connection = connection
        self._theirs = tool.name
        self._schema = json.dumps(tool.input_schema)

    @property
    def spec(self) -> ToolSpec:
        return ToolSpec(name=self.name, description=self.description, parameters=self._schema)

    @property
    def usable(self) -> bool:
        return len(self._schema) <= MAX_SCHEMA

    def parse(self, arguments: str) -> MCPArguments:
        check_json(arguments, self._schema)
        values = json.loads(arguments)
        if not isinstance(values, dict):
            raise InvalidInput("arguments: must be a JSON object", "arguments")
        return MCPArguments(values=values)

    async def async_run(self, arguments: BaseModel, context: RequestContext) -> Observation:
        assert isinstance(arguments, MCPArguments)
        meta = {"genai/idempotency-key": context.effect_key} if context.effect_key else {}
        within_s = min(self.timeout_s, context.remaining_s())
        try:
            result = await self._connection.async_call(
                self._theirs, arguments.values, within_s=within_s, meta=meta
            )
        except InvalidInput as error:
            return Observation(text="", error=error.message)
        text = _text(result)
        return Observation(text="", error=text) if result.is_error else Observation(text=text)


class MCPSource(ToolSource):
    """The allowed tools of one server. ``wall`` wraps each of them."""

    def __init__(
        self,
        settings: MCPToolSettings,
        guard: Guard,
        wall: Callable[[BaseTool], BaseTool],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._guard = guard
        self._wall = wall
        self._clock = clock
        self._connection = MCPConnection(_streams(settings))
        self._known: tuple[BaseTool, ...] = ()
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()

    async def async_tools(self) -> tuple[BaseTool, ...]:
        async with self._asking:
            now = self._clock()
            if self._asked_at is None or now - self._asked_at > ASK_AGAIN_AFTER_S:
                self._asked_at = now
                try:
                    self._known = await self._ask()
                except BackendFailed:
                    logger.warning("an MCP server fails", extra={"server": self._settings.name})
        return self._known

    async def async_close(self) -> None:
        await self._connection.async_close()

    async def _ask(self) -> tuple[BaseTool, ...]:
        wanted = self._settings.tools
        found = [
            tool
            for tool in await self._connection.async_list()
            if not wanted or tool.name in wanted
        ]
        built = {t.name: t for t in (MCPTool(self._connection, self._settings, f) for f in found)}
        return tuple(
            [self._wall(t) for t in built.values() if t.usable and await self._harmless(t)]
        )

    async def _harmless(self, tool: MCPTool) -> bool:
        """Checks the description of a tool like a result: it is untrusted text that a model reads."""
        context = RequestContext(
            request_id="mcp", tenant="", user="", deadline=time.time() + CONNECT_WITHIN_S
        )
        said = "\n".join((tool.description, *_texts_in(json.loads(tool.spec.parameters))))
        verdict = await self._guard.async_inspect(said, "tool", context)
        if verdict.action != "allow":
            logger.warning("an MCP tool is left out", extra={"tool": tool.name})
        return verdict.action == "allow"


def _texts_in(schema: JsonValue) -> Iterator[str]:
    """All texts in a schema, at any depth: descriptions, defaults, examples, names. Single words are
    skipped.
    """
    if isinstance(schema, str):
        if " " in schema or not schema.isascii():
            yield schema
    elif isinstance(schema, list):
        for inner in schema:
            yield from _texts_in(inner)
    elif isinstance(schema, dict):
        for name, inner in schema.items():
            yield from _texts_in(name)
            yield from _texts_in(inner)


def _streams(settings: MCPToolSettings) -> Streams:
    if settings.url:
        headers = {name: _variable(env) for name, env in settings.headers_env.items()}
        return lambda: _over_http(settings.url, headers)
    command, *args = settings.command
    parameters = StdioServerParameters(
        command=command, args=args, env={name: _variable(name) for name in settings.env}
    )
    return lambda: stdio_client(parameters)


@asynccontextmanager
async def _over_http(url: str, headers: dict[str, str]) -> Any:
    async with (
        httpx2.AsyncClient(headers=headers, timeout=CONNECT_WITHIN_S, trust_env=False) as client,
        streamable_http_client(url, http_client=client) as streams,
    ):
        yield streams[0], streams[1]


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise Misconfigured(f"the variable {name} for an MCP server is empty")
    return value


def _text(result: CallToolResult) -> str:
    """The text of a content block; other types are only named."""
    if result.structured_content is not None and not result.content:
        return json.dumps(result.structured_content, ensure_ascii=False)
    parts = [
        part.text if isinstance(part, TextContent) else f"({part.type}, which cannot be read here)"
        for part in result.content
    ]
    return "\n".join(parts)
