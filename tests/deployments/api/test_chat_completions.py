from typing import Any

import httpx
import openai
import pytest
from pydantic import BaseModel

from deployments.api.errors import OwnDeadline
from genai.errors import (
    BackendFailed,
    BudgetExceeded,
    Conflict,
    ContentRefused,
    DeadlineExceeded,
    Forbidden,
    Overloaded,
    RateLimited,
)
from genai.messages import Chunk, Completion, ToolCall, ToolCallDelta, Usage
from tests.support.services import Fakes
from tests.support.sse import parse_events

ASK: list[Any] = [{"role": "user", "content": "hi"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "balance",
        "description": "Balance of an account",
        "parameters": {"type": "object", "properties": {"account": {"type": "string"}}},
    },
}


async def test_a_model_answers(sdk: openai.AsyncOpenAI) -> None:
    completion = await sdk.chat.completions.create(model="bank", messages=ASK)

    assert completion.choices[0].message.content == "Hello."
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 6


async def test_settings_of_the_request_reach_the_model(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    await sdk.chat.completions.create(
        model="bank",
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        ],
        temperature=0.5,
        top_p=0.9,
        max_completion_tokens=7,
        stop="END",
        seed=42,
        user="somebody",
    )

    request = fakes.completions.requests[0]
    assert [(m.role, m.content) for m in request.messages] == [
        ("system", "Be brief."),
        ("user", "hi"),
    ]
    sampling = request.sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.5, 0.9, 7)
    assert (sampling.stop, sampling.seed) == (("END",), 42)
    assert request.context.user == "ada"


async def test_a_stream_arrives_in_parts_and_can_end_with_its_usage(
    sdk: openai.AsyncOpenAI,
) -> None:
    stream = await sdk.chat.completions.create(
        model="bank", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]

    texts = [c.choices[0].delta.content or "" for c in chunks if c.choices]
    assert "".join(texts) == "Hello."
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 6
    assert len({c.id for c in chunks}) == 1


async def test_without_being_asked_a_stream_has_no_usage_and_ends_with_done(
    client: httpx.AsyncClient, fakes: Fakes
) -> None:
    body = {"model": "bank", "messages": ASK, "stream": True}
    response = await client.post("/v1/chat/completions", json=body)

    events = parse_events(response.content)
    assert events[-1] == ("message", "[DONE]")
    assert not any("usage" in data for _, data in events[:-1])
    assert fakes.admission.settled == [Usage(prompt_tokens=4, completion_tokens=2)]


async def test_tools_are_passed_through(sdk: openai.AsyncOpenAI, fakes: Fakes) -> None:
    call = ToolCall(id="call_1", name="balance", arguments='{"account": "1"}')
    fakes.completions.completion = Completion(
        text="", model="bank", finish_reason="tool_calls", tool_calls=(call,)
    )

    completion = await sdk.chat.completions.create(
        model="bank",
        messages=ASK,
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "balance"}},
    )

    request = fakes.completions.requests[0]
    assert request.tool_choice == "balance"
    assert '"account"' in request.tools[0].parameters
    message = completion.choices[0].message
    assert message.content is None
    assert message.tool_calls is not None
    assert message.tool_calls[0].model_dump()["function"]["arguments"] == '{"account": "1"}'


async def test_a_conversation_with_tool_calls_can_be_sent_back(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    call = ToolCall(id="call_1", name="balance", arguments="{}")
    fakes.completions.completion = Completion(text="", model="bank", tool_calls=(call,))
    first = await sdk.chat.completions.create(model="bank", messages=ASK)
    result = {"role": "tool", "tool_call_id": "call_1", "content": "12"}

    messages: list[Any] = [*ASK, first.choices[0].message, result]
    await sdk.chat.completions.create(model="bank", messages=messages)

    sent = fakes.completions.requests[1].messages
    assert sent[1].tool_calls == (call,)
    assert (sent[2].role, sent[2].tool_call_id, sent[2].content) == ("tool", "call_1", "12")


async def test_streamed_tool_calls_are_put_together_by_the_sdk(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    fakes.completions.chunks = (
        Chunk(tool_calls=(ToolCallDelta(index=0, id="call_1", name="balance"),)),
        Chunk(tool_calls=(ToolCallDelta(index=0, arguments='{"account":'),)),
        Chunk(tool_calls=(ToolCallDelta(index=0, arguments=' "1"}'),)),
        Chunk(finish_reason="tool_calls", usage=Usage()),
    )

    async with sdk.chat.completions.stream(model="bank", messages=ASK) as stream:
        completion = await stream.get_final_completion()

    calls = completion.choices[0].message.tool_calls
    assert calls is not None
    assert (calls[0].id, calls[0].function.name) == ("call_1", "balance")
    assert calls[0].function.arguments == '{"account": "1"}'


async def test_a_json_schema_reaches_the_model(sdk: openai.AsyncOpenAI, fakes: Fakes) -> None:
    class City(BaseModel):
        name: str

    fakes.completions.completion = Completion(text='{"name": "Bern"}', model="bank")

    parsed = await sdk.chat.completions.parse(model="bank", messages=ASK, response_format=City)

    assert parsed.choices[0].message.parsed == City(name="Bern")
    schema = fakes.completions.requests[0].sampling.json_schema
    assert schema is not None
    assert '"name"' in schema


async def test_a_json_object_is_asked_for_as_the_widest_schema(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    await sdk.chat.completions.create(
        model="bank", messages=ASK, response_format={"type": "json_object"}
    )

    assert fakes.completions.requests[0].sampling.json_schema == '{"type":"object"}'


async def test_the_assistant_is_a_model_too(sdk: openai.AsyncOpenAI, fakes: Fakes) -> None:
    messages: list[Any] = [
        {"role": "user", "content": "earlier"},
        {"role": "assistant", "content": "yes"},
        *ASK,
    ]
    completion = await sdk.chat.completions.create(model="assistant", messages=messages)

    question = fakes.assistant.questions[0]
    assert (question.text, question.session_id) == ("hi", None)
    assert [(turn.role, turn.content) for turn in question.history] == [
        ("user", "earlier"),
        ("assistant", "yes"),
    ]
    assert completion.choices[0].message.content == "Twelve dollars."
    assert completion.model_extra is not None
    assert completion.model_extra["citations"][0]["document_id"] == "fees"


async def test_the_assistant_says_beside_the_choices_how_certain_it_is(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    fakes.assistant.certainty = "uncertain"

    completion = await sdk.chat.completions.create(model="assistant", messages=ASK)
    stream = await sdk.chat.completions.create(model="assistant", messages=ASK, stream=True)
    said = [(chunk.model_extra or {}).get("certainty") async for chunk in stream]

    assert completion.model_extra is not None
    assert completion.model_extra["certainty"] == "uncertain"
    assert said == [*[None] * (len(said) - 1), "uncertain"]


async def test_what_asked_no_documents_has_no_certainty(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    fakes.assistant.certainty = None

    completion = await sdk.chat.completions.create(model="assistant", messages=ASK)
    stream = await sdk.chat.completions.create(model="assistant", messages=ASK, stream=True)
    extras = [completion.model_extra or {}, *[chunk.model_extra or {} async for chunk in stream]]

    assert all("certainty" not in extra for extra in extras)


@pytest.mark.parametrize(
    "chosen",
    [
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
    ],
)
async def test_the_assistant_refuses_json_before_it_works(
    sdk: openai.AsyncOpenAI, fakes: Fakes, chosen: Any
) -> None:
    with pytest.raises(openai.BadRequestError, match="plain text") as refused:
        await sdk.chat.completions.create(
            model="assistant", messages=ASK, response_format=chosen, stream=True
        )

    assert refused.value.param == "response_format"
    assert not fakes.assistant.questions


async def test_the_assistant_streams(sdk: openai.AsyncOpenAI, fakes: Fakes) -> None:
    stream = await sdk.chat.completions.create(model="assistant", messages=ASK, stream=True)
    chunks = [chunk async for chunk in stream]

    texts = [c.choices[0].delta.content or "" for c in chunks]
    assert "".join(texts) == "Twelve dollars."
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].model == "extractive"
    assert fakes.admission.settled == [
        Usage(prompt_tokens=7, completion_tokens=3, cost_micro_usd=20)
    ]


async def test_an_error_within_a_stream_is_raised_by_the_sdk(
    sdk: openai.AsyncOpenAI, fakes: Fakes
) -> None:
    fakes.completions.error = BackendFailed("the model failed")

    stream = await sdk.chat.completions.create(model="bank", messages=ASK, stream=True)
    with pytest.raises(openai.APIError, match="the model failed"):
        [chunk async for chunk in stream]


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ContentRefused("no", "rule"), openai.UnprocessableEntityError),
        (RateLimited("slow down", 1), openai.RateLimitError),
        (BudgetExceeded("used up", 1), openai.APIStatusError),
        (Forbidden("not you"), openai.PermissionDeniedError),
        (Conflict("it still runs"), openai.ConflictError),
        (OwnDeadline("too little time"), openai.APIStatusError),
        (Overloaded("busy"), openai.InternalServerError),
        (DeadlineExceeded("too late"), openai.InternalServerError),
        (BackendFailed("broken"), openai.InternalServerError),
        (ValueError("bug"), openai.InternalServerError),
    ],
)
async def test_errors_have_the_classes_of_the_sdk(
    sdk: openai.AsyncOpenAI, fakes: Fakes, error: Exception, raised: type[openai.APIStatusError]
) -> None:
    fakes.completions.error = error

    with pytest.raises(raised) as caught:
        await sdk.chat.completions.create(model="bank", messages=ASK)

    assert caught.value.request_id
    assert "bug" not in str(caught.value)


async def test_an_unknown_model_is_not_found(sdk: openai.AsyncOpenAI, fakes: Fakes) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        await sdk.chat.completions.create(model="gpt-nowhere", messages=ASK)

    assert refused.value.code == "model_not_found"
    assert fakes.admission.admitted == []


async def test_a_wrong_key_is_an_authentication_error(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        await sdk.with_options(api_key="sk-wrong").chat.completions.create(
            model="bank", messages=ASK
        )
