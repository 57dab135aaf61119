"""Access of jobs to the data of the running service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deployments.config import load
from genai.factory.state_factory import State, build_state
from genai.settings.application import Settings
from genai.traffic.exchange import RecordedExchange
from genai.traffic.exchanges import ratings_of

CONFIG = Path("serve_config.yaml")

PATIENCE_S = 30.0
"""The Redis timeout of jobs, which read more than requests, and can wait longer."""


def service_settings(config: Path = CONFIG) -> Settings:
    [application] = load(config)["applications"]
    settings = Settings.model_validate(application["args"])
    redis = settings.redis.model_copy(update={"timeout_s": PATIENCE_S})
    return settings.model_copy(update={"redis": redis})


@asynccontextmanager
async def service_state(settings: Settings | None = None) -> AsyncIterator[State]:
    state = build_state(settings or service_settings())
    try:
        yield state
    finally:
        await state.async_close()


def consented(tenant: str, at_most: int) -> tuple[list[RecordedExchange], dict[str, str]]:
    """The newest exchanges of consenting users, and the ratings of their answers."""

    async def read() -> tuple[list[RecordedExchange], dict[str, str]]:
        async with service_state() as state:
            exchanges = await state.exchanges.async_read(tenant, at_most)
            return exchanges, await ratings_of(state.feedback, tenant)

    return asyncio.run(read())
