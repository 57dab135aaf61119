from typing import Any

import httpx
import openai
import pytest

from genai.messages import Usage
from tests.support.services import Fakes

MODEL = "all-MiniLM-L6-v2"


async def test_the_sdk_gets_vectors_in_order(sdk: openai.AsyncOpenAI) -> None:
    result = await sdk.embeddings.create(model=MODEL, input=["a", "b"])

    assert [item.embedding for item in result.data] == [[0.0, 0.5], [1.0, 0.5]]
    assert [item.index for item in result.data] == [0, 1]
    assert result.usage.total_tokens > 0


async def test_a_single_text_and_floats_work_too(sdk: openai.AsyncOpenAI, fakes: Fakes) -> None:
    result = await sdk.embeddings.create(model=MODEL, input="a", encoding_format="float")

    assert result.data[0].embedding == [0.0, 0.5]
    assert fakes.admission.settled == [Usage(prompt_tokens=1)]


async def test_an_unknown_model_is_not_found(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match=MODEL):
        await sdk.embeddings.create(model="text-embedding-3-small", input="a")


async def test_token_numbers_are_refused_in_words(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="token numbers are not supported"):
        await sdk.embeddings.create(model=MODEL, input=[1, 2, 3])


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": []}, "input"),
        ({"input": ""}, "input.0"),
        ({"input": ["a", " "]}, "input.1"),
        ({"input": [[1]]}, "input"),
        ({"input": None}, "input"),
        ({"input": ["a"] * 513}, "input"),
        ({"input": "x" * 40_000}, "input"),
        ({"dimensions": 3}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
    ],
)
async def test_bad_input_is_named(
    client: httpx.AsyncClient, change: dict[str, Any], param: str
) -> None:
    response = await client.post("/v1/embeddings", json={"model": MODEL, "input": "a", **change})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param
