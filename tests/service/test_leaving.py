"""Clients that leave, and streams that must not mix."""

import asyncio
import re
import time

import httpx
import openai

from tests.support.running_service import Service

STREAMS, LEAVERS = 16, 4
INGRESS_REPLICAS = 2


async def test_streams_do_not_mix_and_leavers_free_their_place(service: Service) -> None:
    async with openai.AsyncOpenAI(
        base_url=f"{service.url}/v1", api_key=service.key, max_retries=0
    ) as client:

        async def listen(number: int) -> str:
            stream = await client.chat.completions.create(
                model="scripted",
                messages=[{"role": "user", "content": f"stream number <{number}>"}],
                max_tokens=200,
                stream=True,
            )
            said = ""
            async for chunk in stream:
                said += chunk.choices[0].delta.content or "" if chunk.choices else ""
                if number < LEAVERS and len(said) > 80:
                    await stream.close()
                    return said.rsplit(" ", 1)[0]
            return said

        said = await asyncio.gather(*map(listen, range(STREAMS)))

    for number, text in enumerate(said):
        assert len(text) > 50
        assert set(text.split()) == {"stream", "number", f"<{number}>"}
    await in_flight_falls_to_zero(service)


async def test_an_engine_is_free_again_within_a_second_of_the_client_leaving(
    service: Service,
) -> None:
    async with openai.AsyncOpenAI(
        base_url=f"{service.url}/v1", api_key=service.key, max_retries=0
    ) as client:
        stream = await client.chat.completions.create(
            model="bank",
            messages=[{"role": "user", "content": "go on and on"}],
            max_tokens=1500,
            temperature=1.0,
            stream=True,
        )
        await anext(aiter(stream))
        await stream.close()

    await in_flight_falls_to_zero(service)


async def test_whoever_left_a_stream_with_a_key_gets_it_whole_at_any_replica(
    service: Service,
) -> None:
    said = [{"role": "user", "content": "go on"}]
    body = {"model": "scripted", "messages": said, "max_tokens": 400, "stream": True}
    headers = {**service.headers, "Idempotency-Key": "left-and-back"}
    path = f"{service.url}/v1/chat/completions"
    async with httpx.AsyncClient(timeout=60) as client:
        async with client.stream("POST", path, json=body, headers=headers) as left:
            begun = await anext(left.aiter_bytes())
        joined = [client.post(path, json=body, headers=headers) for _ in range(4)]
        again = await asyncio.gather(*joined)
        later = await client.post(path, json=body, headers=headers)

    assert {reply.headers["x-idempotent-replay"] for reply in (*again, later)} == {"true"}
    assert len({reply.content for reply in (*again, later)}) == 1
    assert later.content.startswith(begun)
    assert later.content.endswith(b"data: [DONE]\n\n")
    await in_flight_falls_to_zero(service)


async def test_a_disconnected_client_is_counted_as_such_and_not_as_an_error(
    service: Service,
) -> None:
    failed, left = await ended_with("503", service), await ended_with("499", service)
    async with openai.AsyncOpenAI(
        base_url=f"{service.url}/v1", api_key=service.key, max_retries=0
    ) as client:
        stream = await client.chat.completions.create(
            model="scripted",
            messages=[{"role": "user", "content": "go on"}],
            max_tokens=1500,
            stream=True,
        )
        await anext(aiter(stream))
        await stream.close()

    until = time.monotonic() + 5
    while await ended_with("499", service) != left + 1:
        assert time.monotonic() < until
        await asyncio.sleep(0.1)
    assert await ended_with("503", service) == failed


async def ended_with(status: str, service: Service) -> float:
    """The number of requests with this status on all replicas."""
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{service.url}/metrics")).text
    lines = (line for line in metrics.splitlines() if line.startswith("genai_requests_total"))
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if f'status="{status}"' in line)


async def test_metrics_show_all_replicas_whichever_answers(service: Service) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(4):
            metrics = (await client.get(f"{service.url}/metrics")).text
            shown = set(re.findall(r'genai_inflight{[^}]*replica="([^"]+)"', metrics))
            assert len(shown) == INGRESS_REPLICAS


async def in_flight_falls_to_zero(service: Service) -> None:
    until = time.monotonic() + 5
    running: list[str] = []
    async with httpx.AsyncClient() as client:
        while time.monotonic() < until:
            metrics = (await client.get(f"{service.url}/metrics")).text
            running = [
                line
                for line in metrics.splitlines()
                if line.startswith(("genai_inflight", "genai_llm_running"))
                and float(line.rsplit(" ", 1)[1]) > 0
            ]
            if not running:
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"still running: {running}")
