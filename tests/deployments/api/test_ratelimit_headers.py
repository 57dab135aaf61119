"""OpenAI's rate limit headers, as its SDK and the gateways that imitate it read them."""

import re
from collections.abc import AsyncIterator

import httpx2
import openai
import pytest

from genai.access.principal import KeyLimits
from tests.support.access_world import TENANT, World

pytest.importorskip("lancedb")

DURATION = re.compile(r"(\d+h)?(\d+m)?(\d+(\.\d+)?s)?(\d+ms)?")
HELLO = {"model": "bank", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 10}


@pytest.fixture
async def sdk(world: World) -> AsyncIterator[openai.AsyncOpenAI]:
    limits = KeyLimits(requests_per_minute=2, tokens_per_minute=1000, concurrent_requests=9)
    key, _ = await world.state.keys.async_create(TENANT, "x", limits=limits)
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(world.app))
    async with openai.AsyncOpenAI(
        api_key=key, base_url="http://test/v1", http_client=http, max_retries=0
    ) as sdk:
        yield sdk


async def test_every_answer_says_what_is_left(sdk: openai.AsyncOpenAI) -> None:
    create = sdk.chat.completions.with_raw_response.create
    first, second = [(await create(**HELLO)).headers for _ in range(2)]  # type: ignore[call-overload]

    assert first["x-ratelimit-limit-requests"] == "2"
    assert first["x-ratelimit-limit-tokens"] == "1000"
    assert [h["x-ratelimit-remaining-requests"] for h in (first, second)] == ["1", "0"]
    left = [int(h["x-ratelimit-remaining-tokens"]) for h in (first, second)]
    assert 1000 > left[0] > left[1] > 900
    for name in ("requests", "tokens"):
        assert DURATION.fullmatch(first[f"x-ratelimit-reset-{name}"])


async def test_a_stream_says_it_too(sdk: openai.AsyncOpenAI) -> None:
    create = sdk.chat.completions.with_raw_response.create
    raw = await create(**HELLO, stream=True)  # type: ignore[call-overload]

    assert raw.headers["x-ratelimit-remaining-requests"] == "1"
    assert [chunk async for chunk in raw.parse()]


async def test_a_refusal_says_when_to_return(sdk: openai.AsyncOpenAI) -> None:
    for _ in range(2):
        await sdk.chat.completions.create(**HELLO)  # type: ignore[call-overload]

    with pytest.raises(openai.RateLimitError) as refused:
        await sdk.chat.completions.create(**HELLO)  # type: ignore[call-overload]

    headers = refused.value.response.headers
    assert 0 < int(headers["retry-after"]) <= 61
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert refused.value.code == "rate_limited"
