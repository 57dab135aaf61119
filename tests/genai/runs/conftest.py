from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from genai.base.llm import BaseLLM
from genai.base.tool import BaseTool
from genai.settings.application import Settings
from tests.support.redis_server import own_redis, redis_client, redis_socket, store
from tests.support.runs import RunWorker, open_worker, run_settings

__all__ = ["own_redis", "redis_client", "redis_socket", "store"]

Opening = Callable[..., RunWorker]


@pytest.fixture
def settings(redis_socket: Path, redis_client: Redis, tmp_path: Path) -> Settings:
    """Over an empty Redis."""
    return run_settings(redis_socket, tmp_path)


@pytest.fixture
async def opened(settings: Settings) -> AsyncIterator[Opening]:
    """Opens processes, and closes them at the end of the test."""
    workers: list[RunWorker] = []

    def opening(llm: BaseLLM, *tools: BaseTool, **changes: object) -> RunWorker:
        changed = settings.runs.model_copy(update=changes)
        worker = open_worker(settings.model_copy(update={"runs": changed}), llm, tools)
        workers.append(worker)
        return worker

    yield opening
    for worker in workers:
        await worker.close()
