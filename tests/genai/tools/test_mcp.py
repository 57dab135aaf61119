"""Servers that the official package makes, as tools of ours."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import pytest
import uvicorn

from deployments.free_port import free_port
from genai.base.tool import BaseTool
from genai.errors import InvalidInput
from genai.factory.safety_factory import build_guard
from genai.factory.tool_factory import build_sources
from genai.settings.safety import SafetySettings
from genai.settings.tools import MCPToolSettings
from genai.tools.mcp import MCPSource
from tests.support import mcp_server
from tests.support.agents import a_context

READ_ONLY = ("rate", "fail")
PIPE = MCPToolSettings(
    tool="mcp",
    name="desk",
    command=(sys.executable, "-m", "tests.support.mcp_server"),
    env=("PATH", "PYTHONPATH"),
    read_only=READ_ONLY,
)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The same server over HTTP."""
    port = free_port()
    app = mcp_server.made().streamable_http_app()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="on"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}/mcp"
    server.should_exit = True
    await serving


@pytest.fixture
async def source(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> AsyncIterator[Callable[..., MCPSource]]:
    monkeypatch.setenv("PYTHONPATH", ":".join(filter(None, sys.path)))
    far = MCPToolSettings(tool="mcp", name="desk", url=url, read_only=READ_ONLY)
    made: list[MCPSource] = []

    def make(settings: MCPToolSettings = far) -> MCPSource:
        [built] = build_sources([settings], build_guard(SafetySettings()))
        assert isinstance(built, MCPSource)
        made.append(built)
        return built

    yield make
    for each in made:
        await each.async_close()


async def tools_of(source: MCPSource) -> dict[str, BaseTool]:
    return {tool.name: tool for tool in await source.async_tools()}


async def run(tool: BaseTool, arguments: str) -> tuple[str, str | None]:
    seen = await tool.async_run(tool.parse(arguments), a_context())
    return seen.text, seen.error


Make = Callable[..., MCPSource]


async def test_tools_of_a_program_look_like_ours(source: Make) -> None:
    tools = await tools_of(source(PIPE))

    assert set(tools) == {"desk_rate", "desk_send", "desk_fail"}
    assert await run(tools["desk_rate"], '{"currency": "USD"}') == ("1 EUR is 1.1 USD", None)
    assert "currency" in tools["desk_rate"].spec.parameters


async def test_tools_of_a_server_over_http_look_like_ours(source: Make) -> None:
    tools = await tools_of(source())

    assert await run(tools["desk_rate"], '{"currency": "CHF"}') == ("1 EUR is 1.1 CHF", None)


async def test_a_tool_has_side_effects_unless_the_config_says_that_it_only_reads(
    source: Make,
) -> None:
    tools = await tools_of(source())

    assert {name: tool.side_effects for name, tool in tools.items()} == {
        "desk_rate": False,
        "desk_fail": False,
        "desk_send": True,
    }
    assert not tools["desk_send"].exactly_once


async def test_a_description_that_gives_orders_is_not_shown_to_the_model(source: Make) -> None:
    assert "desk_poison" not in await tools_of(source())


async def test_nor_is_one_whose_orders_stand_deep_in_the_schema_of_its_arguments(
    source: Make,
) -> None:
    assert "desk_sly" not in await tools_of(source())


@pytest.mark.parametrize("arguments", ["{}", '{"currency": 1}', "[]", '"x"'])
async def test_arguments_are_checked_before_they_leave(source: Make, arguments: str) -> None:
    tools = await tools_of(source())

    with pytest.raises(InvalidInput):
        tools["desk_rate"].parse(arguments)


async def test_an_error_of_the_tool_is_a_hint_for_the_model(source: Make) -> None:
    tools = await tools_of(source())

    text, error = await run(tools["desk_fail"], "{}")

    assert text == ""
    assert error


async def test_only_the_named_tools_are_used(source: Make, url: str) -> None:
    tools = await tools_of(
        source(MCPToolSettings(tool="mcp", name="desk", url=url, tools=("rate",)))
    )

    assert set(tools) == {"desk_rate"}


async def test_a_server_that_is_not_there_has_no_tools_and_breaks_nothing(source: Make) -> None:
    nobody = MCPToolSettings(tool="mcp", name="none", url="http://127.0.0.1:9/mcp")

    assert await source(nobody).async_tools() == ()


async def test_a_server_that_dies_is_started_again(source: Make) -> None:
    made = source(PIPE)
    tools = await tools_of(made)
    await made.async_close()

    assert await run(tools["desk_rate"], '{"currency": "USD"}') == ("1 EUR is 1.1 USD", None)
