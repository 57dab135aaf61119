import pytest

from genai.access.demand import Demand
from genai.errors import BackendFailed, Misconfigured
from genai.factory.state_factory import build_state
from genai.messages import Turn, Usage
from genai.settings.application import Settings
from tests.support.redis_server import RedisServer, own_redis

__all__ = ["own_redis"]


@pytest.fixture
def settings(own_redis: RedisServer) -> Settings:
    models = {"bank": {"backend": "scripted"}}
    named = {name: {"llm": "bank"} for name in ("chat", "rag", "agent")}
    redis = own_redis.settings(5.0).model_dump()
    return Settings.model_validate({"llms": models, "redis": redis} | named)


async def test_a_request_goes_through_everything_that_is_kept(settings: Settings) -> None:
    state = build_state(settings, environ={})
    key, _ = await state.keys.async_create("acme", "ann")

    principal = await state.keys.async_authenticate(key)
    permit = await state.admission.async_admit(principal, Demand("bank", 50), request_id="r1")
    await state.memory.async_store("acme", "ann", "s1", [Turn(role="user", content="hi")])
    await permit.async_settle(Usage(prompt_tokens=5))
    (row,) = await state.usage.async_report(principal, days=1)
    await state.async_close()

    assert row.prompt_tokens == 5


async def test_the_address_in_the_environment_goes_first(
    settings: Settings, own_redis: RedisServer
) -> None:
    elsewhere = settings.model_copy(
        update={"redis": settings.redis.model_copy(update={"embedded_socket": "/nowhere"})}
    )
    there = build_state(elsewhere, environ={"REDIS_URL": f"unix://{own_redis.socket}"})
    nowhere = build_state(elsewhere, environ={})

    await there.async_check()
    with pytest.raises(BackendFailed):
        await nowhere.async_check()
    await there.async_close()
    await nowhere.async_close()


def test_an_address_that_is_none_is_refused_without_repeating_it(settings: Settings) -> None:
    with pytest.raises(Misconfigured) as refused:
        build_state(settings, environ={"REDIS_URL": "secret"})

    assert "secret" not in str(refused.value)
