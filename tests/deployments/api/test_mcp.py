"""The official client of the Model Context Protocol against our endpoint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from mcp import ClientSession, MCPError
from mcp.client.streamable_http import streamable_http_client

from tests.support.services import KEY, Fakes


@asynccontextmanager
async def session_of(app: FastAPI) -> AsyncIterator[ClientSession]:
    headers = {"Authorization": f"Bearer {KEY}"}
    transport = httpx2.ASGITransport(app)
    async with (
        httpx2.AsyncClient(transport=transport, headers=headers) as client,
        streamable_http_client("http://test/mcp", http_client=client) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        yield session


async def test_the_official_client_finds_the_assistant_and_the_tools(app: FastAPI) -> None:
    async with session_of(app) as session:
        found = (await session.list_tools()).tools

    assert [tool.name for tool in found] == ["ask_assistant", "calculator"]
    assert "question" in found[0].input_schema["properties"]


async def test_the_official_client_asks_the_assistant(app: FastAPI, fakes: Fakes) -> None:
    async with session_of(app) as session:
        said = await session.call_tool("ask_assistant", {"question": "What does a card cost?"})

    assert not said.is_error
    assert said.content[0].text == "".join(fakes.assistant.tokens)  # type: ignore[union-attr]
    assert said.structured_content is not None
    assert said.structured_content["route"] == "rag"
    assert fakes.assistant.questions[0].text == "What does a card cost?"


async def test_the_official_client_uses_a_tool(app: FastAPI) -> None:
    async with session_of(app) as session:
        said = await session.call_tool("calculator", {"expression": "6 * 7"})

    assert said.content[0].text == 'computed {"expression":"6 * 7"}'  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("block_card", {}),
        ("ask_assistant", {}),
        ("ask_assistant", {"question": " \n"}),
        ("ask_assistant", {"question": "x" * 100_000}),
    ],
)
async def test_what_is_not_offered_is_refused(
    app: FastAPI, name: str, arguments: dict[str, Any]
) -> None:
    async with session_of(app) as session:
        with pytest.raises(MCPError):
            await session.call_tool(name, arguments)


async def post(client: httpx.AsyncClient, **message: Any) -> httpx.Response:
    return await client.post("/mcp", json={"jsonrpc": "2.0", **message})


async def test_a_notification_has_no_reply(client: httpx.AsyncClient) -> None:
    reply = await post(client, method="notifications/initialized")

    assert (reply.status_code, reply.content) == (202, b"")


async def test_an_unknown_method_is_an_error_of_the_protocol(client: httpx.AsyncClient) -> None:
    reply = await post(client, id="a", method="resources/list")

    assert reply.json()["id"] == "a"
    assert reply.json()["error"]["code"] == -32601


async def test_without_a_key_nobody_gets_in(client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = "Bearer gaf_no"

    assert (await post(client, id=1, method="ping")).status_code == 401


async def test_the_assistant_is_billed_and_the_rest_is_not(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    call = {"name": "ask_assistant", "arguments": {"question": "hi"}}
    await post(client, id=1, method="tools/list")
    await post(client, id=2, method="tools/call", params=call)

    assert [model for model, _ in fakes.admission.admitted] == ["", "assistant"]


@pytest.mark.parametrize(
    ("version", "status"),
    [(None, 200), ("2025-06-18", 200), ("2024-11-05", 200), ("1999-01-01", 400), ("", 400)],
)
async def test_a_version_of_the_protocol_that_is_not_spoken_is_refused(
    client: httpx.AsyncClient, version: str | None, status: int
) -> None:
    headers = {} if version is None else {"MCP-Protocol-Version": version}

    said = await client.post(
        "/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers
    )

    assert said.status_code == status
