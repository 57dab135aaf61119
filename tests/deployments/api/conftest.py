from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import httpx2
import openai
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from deployments.api.app import build_http_app
from tests.support.access_world import World, build_world
from tests.support.redis_server import own_redis, redis_client, redis_socket, store
from tests.support.services import KEY, Fakes

__all__ = ["own_redis", "redis_client", "redis_socket", "store"]


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def app(fakes: Fakes) -> FastAPI:
    return build_http_app(fakes.services())


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {KEY}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def world(redis_socket: Path, redis_client: Redis, tmp_path: Path) -> AsyncIterator[World]:
    """Tenants with a key of each role, and the application over a real Redis."""
    world = await build_world(redis_socket, tmp_path)
    yield world
    await world.state.async_close()


@pytest.fixture
async def sdk(app: FastAPI) -> AsyncIterator[openai.AsyncOpenAI]:
    """The official SDK, talking to the application in this process."""
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app))
    async with openai.AsyncOpenAI(
        api_key=KEY, base_url="http://test/v1", http_client=http, max_retries=0
    ) as sdk:
        yield sdk
