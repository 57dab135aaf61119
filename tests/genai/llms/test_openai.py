import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

pytest.importorskip("openai")

from genai.errors import (
    BackendFailed,
    DeadlineExceeded,
    GenAIError,
    InvalidInput,
    Misconfigured,
    Overloaded,
)
from genai.llms.openai import OpenAILLM
from genai.llms.spent import spent_by
from genai.messages import Message, Sampling, ToolCall, ToolSpec
from genai.settings.models import OpenAISettings
from tests.support.answering import context
from tests.support.fake_openai import FakeOpenAI, Reply, fails, garbles, hangs, says, streams
from tests.support.language_models import chat_request, collect, collect_until_error, text_of


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_KEY", "k")


@asynccontextmanager
async def talking_to(
    *replies: Reply, timeout_s: float = 5.0
) -> AsyncIterator[tuple[OpenAILLM, FakeOpenAI]]:
    server = FakeOpenAI(*replies)
    async with server.running() as url:
        settings = OpenAISettings(
            backend="openai", model="big", base_url=url, api_key_env="FAKE_KEY", timeout_s=timeout_s
        )
        llm = OpenAILLM("cloud", settings)
        try:
            yield llm, server
        finally:
            await llm.async_close()


async def test_an_answer_carries_our_name_and_the_servers_usage() -> None:
    async with talking_to(says("hello")) as (llm, server):
        said = await llm.async_chat(chat_request("hi", sampling=Sampling(max_tokens=9)))

    assert (said.text, said.model, said.usage.total_tokens) == ("hello", "cloud", 10)
    assert server.bodies[0]["model"] == "big"
    assert server.bodies[0]["max_tokens"] == 9
    assert server.bodies[0]["messages"] == [{"role": "user", "content": "hi"}]


async def test_a_stream_ends_with_its_reason_and_usage() -> None:
    async with talking_to(streams(["hel", "lo"])) as (llm, _):
        chunks = await collect(llm.async_stream(chat_request()))

    assert text_of(chunks) == "hello"
    assert [chunk.finish_reason for chunk in chunks] == [None, None, "stop"]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 10


async def test_schema_tools_and_their_results_travel_in_openais_shape() -> None:
    call = ToolCall(id="c1", name="f", arguments="{}")
    request = chat_request(
        messages=(
            Message(role="user", content="hi"),
            Message(role="assistant", tool_calls=(call,)),
            Message(role="tool", content="42", tool_call_id="c1"),
        ),
        tools=(ToolSpec(name="f"),),
        tool_choice="f",
        sampling=Sampling(json_schema='{"type": "object"}', stop=("x",), seed=3),
    )

    async with talking_to(says("{}")) as (llm, server):
        await llm.async_chat(request)

    body = server.bodies[0]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert body["messages"][1]["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert body["messages"][2]["tool_call_id"] == "c1"
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert (body["stop"], body["seed"]) == (["x"], 3)


async def test_tool_calls_come_back_whole_and_in_parts() -> None:
    function = {"name": "f", "arguments": '{"a": 1}'}
    call = {"id": "c1", "type": "function", "function": function}
    first = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": '{"a"'}}
    second = {"index": 0, "function": {"arguments": ": 1}"}}

    async with talking_to(says("", tool_calls=[call]), streams([], tools=[first, second])) as (
        llm,
        _,
    ):
        said = await llm.async_chat(chat_request())
        chunks = await collect(llm.async_stream(chat_request()))

    deltas = [delta for chunk in chunks for delta in chunk.tool_calls]
    assert said.tool_calls[0].arguments == "".join(delta.arguments for delta in deltas)
    assert (deltas[0].id, deltas[0].name, deltas[1].name) == ("c1", "f", None)


ERRORS: list[tuple[Reply, type[GenAIError], bool | None]] = [
    (fails(400), InvalidInput, None),
    (fails(401), BackendFailed, False),
    (fails(404), BackendFailed, False),
    (fails(429), Overloaded, None),
    (fails(429, code="insufficient_quota"), BackendFailed, False),
    (fails(500), BackendFailed, True),
    (fails(503), BackendFailed, True),
    (garbles(), BackendFailed, True),
]


@pytest.mark.parametrize(("reply", "kind", "retryable"), ERRORS)
async def test_errors_are_translated_and_tell_nothing_of_the_server(
    reply: Reply, kind: type[GenAIError], retryable: bool | None
) -> None:
    async with talking_to(reply) as (llm, server):
        with pytest.raises(kind) as caught:
            await llm.async_chat(chat_request())

    assert type(caught.value) is kind
    assert getattr(caught.value, "retryable", None) == retryable
    assert "secret" not in caught.value.message
    assert len(server.bodies) == 1


async def test_a_busy_server_may_say_when_to_return() -> None:
    async with talking_to(fails(429, retry_after="7")) as (llm, _):
        with pytest.raises(Overloaded) as caught:
            await llm.async_chat(chat_request())

    assert caught.value.retry_after_s == 7.0


async def test_a_temperature_that_the_model_refuses_is_not_sent_again() -> None:
    refusal = fails(400, code="unsupported_value", param="temperature")

    async with talking_to(refusal, says("one"), streams(["two"])) as (llm, server):
        said = await llm.async_chat(chat_request())
        await collect(llm.async_stream(chat_request()))

    assert said.text == "one"
    assert ["temperature" in body for body in server.bodies] == [True, False, False]


async def test_a_server_that_is_not_there_is_a_failed_back_end() -> None:
    async with talking_to() as (llm, _):
        pass
    settings = OpenAISettings(
        backend="openai", model="m", base_url="http://127.0.0.1:9/v1", api_key_env="FAKE_KEY"
    )
    llm = OpenAILLM("cloud", settings)

    with pytest.raises(BackendFailed):
        await llm.async_chat(chat_request())
    await llm.async_close()


async def test_a_slow_server_fails_and_a_short_deadline_is_the_callers() -> None:
    async with talking_to(hangs(), hangs(), timeout_s=0.1) as (llm, _):
        with pytest.raises(BackendFailed):
            await llm.async_chat(chat_request())
        with pytest.raises(DeadlineExceeded):
            await llm.async_chat(chat_request(context=context(within_s=0.05)))


async def test_the_deadline_ends_a_stream_that_stalls() -> None:
    async with talking_to(streams(["a"], ends="open")) as (llm, _):
        with pytest.raises(DeadlineExceeded):
            await collect(llm.async_stream(chat_request(context=context(within_s=0.2))))


@pytest.mark.parametrize("ends", ["cut", "short", "garbled"])
async def test_a_stream_without_its_end_is_an_error_after_what_was_said(ends: str) -> None:
    async with talking_to(streams(["a", "b"], ends=ends)) as (llm, _):
        said, error = await collect_until_error(llm.async_stream(chat_request()))

    assert text_of(said) == "ab"
    assert isinstance(error, BackendFailed)


async def test_leaving_a_stream_hangs_up() -> None:
    async with talking_to(streams(["a"], ends="open")) as (llm, server):
        stream = llm.async_stream(chat_request())
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]

        async with asyncio.timeout(2):
            await server.hung_up.wait()


CALLED: list[dict[str, object]] = [
    {"id": f"c{n}", "type": "function", "function": {"name": "f", "arguments": f'{{"a": {n}}}'}}
    for n in (1, 2)
]


def told_as_the_first(call: dict[str, object]) -> dict[str, object]:
    """In one part, as some servers send each call of an answer."""
    return {"index": 0, **call}


@pytest.mark.parametrize(
    "streamed",
    [
        streams(["hel", "lo"], tools=[{"index": n, **call} for n, call in enumerate(CALLED)]),
        streams(["hel", "lo"], tools=[told_as_the_first(call) for call in CALLED]),
    ],
    ids=["numbered", "all of them the first"],
)
async def test_a_whole_answer_is_the_same_whether_or_not_the_server_streams_it(
    streamed: Reply,
) -> None:
    async with talking_to(streamed, says("hello", tool_calls=CALLED)) as (llm, server):
        from_parts = await llm.async_chat(chat_request())
        whole = await llm.async_chat(chat_request())

    assert from_parts == whole
    assert [call.id for call in whole.tool_calls] == ["c1", "c2"]
    assert all(body["stream"] for body in server.bodies)


@pytest.mark.parametrize(
    "refusal",
    [
        fails(400, code="unsupported_value", param="stream"),
        fails(400, param="stream_options"),
        fails(422, message="Streaming is not supported by this model"),
    ],
)
async def test_a_server_that_does_not_stream_is_asked_for_the_whole_and_stays_so(
    refusal: Reply,
) -> None:
    async with talking_to(refusal, says("one"), says("two")) as (llm, server):
        said = [(await llm.async_chat(chat_request())).text for _ in range(2)]

    assert said == ["one", "two"]
    assert ["stream" in body for body in server.bodies] == [True, False, False]


async def test_a_server_that_does_not_count_what_it_streams_is_asked_for_the_whole() -> None:
    async with talking_to(streams(["hello"], ends="uncounted"), says("hello")) as (llm, server):
        estimated = await llm.async_chat(chat_request())
        counted = await llm.async_chat(chat_request())

    assert ["stream" in body for body in server.bodies] == [True, False]
    assert estimated.usage.total_tokens > 0
    assert counted.usage.total_tokens == 10


async def test_a_whole_answer_that_its_deadline_cuts_off_tells_what_had_been_made() -> None:
    endless = streams(itertools.repeat("a "), pause_s=0.02)
    async with talking_to(endless) as (llm, server):
        with pytest.raises(DeadlineExceeded) as caught:
            await llm.async_chat(chat_request(context=context(within_s=0.5)))
        async with asyncio.timeout(2):
            await server.hung_up.wait()

    spent = spent_by(caught.value)
    assert spent is not None
    assert spent.prompt_tokens > 0
    assert 2 <= spent.completion_tokens <= 25


async def test_who_leaves_a_whole_answer_is_told_what_had_been_made_too() -> None:
    async with talking_to(streams(["a", "b"], ends="open")) as (llm, _):
        asking = asyncio.create_task(llm.async_chat(chat_request()))
        await asyncio.sleep(0.3)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await asking

    spent = spent_by(caught.value)
    assert spent is not None
    assert spent.completion_tokens == 2


async def test_nobody_knows_what_a_server_made_that_does_not_stream() -> None:
    refusal = fails(400, param="stream")
    async with talking_to(refusal, hangs()) as (llm, _):
        with pytest.raises(DeadlineExceeded) as caught:
            await llm.async_chat(chat_request(context=context(within_s=0.2)))

    assert spent_by(caught.value) is None


def test_without_its_key_the_model_cannot_be_made() -> None:
    settings = OpenAISettings(backend="openai", model="m", api_key_env="NO_SUCH_KEY")

    with pytest.raises(Misconfigured, match="NO_SUCH_KEY"):
        OpenAILLM("cloud", settings)
