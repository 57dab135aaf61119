"""What works with OpenAI's own client, works here."""

import json

import openai
import pytest
from jsonschema import validate

from tests.support.running_service import Service

HELLO = [{"role": "user", "content": "Say something."}]

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "likes": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
    },
    "required": ["name", "age", "likes"],
    "additionalProperties": False,
}

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}


def test_chat(client: openai.OpenAI) -> None:
    said = client.chat.completions.create(model="bank", messages=HELLO, max_tokens=12)

    assert said.model == "bank"
    assert said.choices[0].finish_reason in ("length", "stop")
    assert said.usage is not None
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens


def test_a_stream_counts_its_tokens(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="bank",
            messages=HELLO,
            max_tokens=24,
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert chunks[-1].usage is not None
    assert 0 < chunks[-1].usage.completion_tokens <= 24
    assert any(chunk.choices and chunk.choices[0].finish_reason for chunk in chunks)


@pytest.mark.parametrize("seed", range(5))
def test_an_answer_obeys_its_json_schema(client: openai.OpenAI, seed: int) -> None:
    said = client.chat.completions.create(
        model="bank",
        messages=HELLO,
        temperature=1.0,
        seed=seed,
        max_tokens=300,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "person", "schema": PERSON, "strict": True},
        },
    )

    validate(json.loads(said.choices[0].message.content or ""), PERSON)


def test_a_required_tool_is_called_with_valid_arguments(client: openai.OpenAI) -> None:
    said = client.chat.completions.create(
        model="bank", messages=HELLO, tools=[WEATHER], tool_choice="required", max_tokens=200
    )

    [call] = said.choices[0].message.tool_calls or []
    assert call.function.name == "get_weather"
    validate(json.loads(call.function.arguments), WEATHER["function"]["parameters"])
    assert said.choices[0].finish_reason == "tool_calls"


def test_the_assistant_is_a_model_too(client: openai.OpenAI) -> None:
    said = client.chat.completions.create(
        model="assistant",
        messages=[{"role": "user", "content": "What interest do I pay on an arranged overdraft?"}],
    )

    assert "overdraft" in (said.choices[0].message.content or "").lower()


def test_models_lists_the_configured_ones_and_the_assistant(client: openai.OpenAI) -> None:
    names = {model.id for model in client.models.list()}

    assert {"assistant", "bank", "extractive"} <= names


def test_embeddings_have_unit_length(client: openai.OpenAI) -> None:
    found = client.embeddings.create(model="all-MiniLM-L6-v2", input=["a card", "a loan"])

    assert [len(item.embedding) for item in found.data] == [384, 384]
    assert sum(x * x for x in found.data[0].embedding) == pytest.approx(1.0, abs=1e-3)


def test_a_wrong_key_is_an_authentication_error(service: Service) -> None:
    with (
        openai.OpenAI(base_url=f"{service.url}/v1", api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()


def test_an_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-9", messages=HELLO)


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": 9}, {"max_tokens": 0}, {"messages": []}, {"extra_body": {"nonsense": 1}}],
)
def test_a_wrong_request_is_a_bad_request(client: openai.OpenAI, wrong: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(**({"model": "bank", "messages": HELLO} | wrong))


def test_too_many_requests_are_a_rate_limit_error(service: Service) -> None:
    key = service.new_key("demo", "hasty", requests_per_minute=2)
    with (
        openai.OpenAI(base_url=f"{service.url}/v1", api_key=key, max_retries=0) as hasty,
        pytest.raises(openai.RateLimitError) as refused,
    ):
        for _ in range(5):
            hasty.chat.completions.create(model="extractive", messages=HELLO)

    assert float(refused.value.response.headers["retry-after"]) > 0
    assert refused.value.response.headers["x-ratelimit-limit-requests"] == "2"
