"""``POST /v1/embeddings``: OpenAI's protocol over the embedder."""

from array import array
from base64 import b64encode
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from deployments.api.call import Call, Reply, reply
from deployments.api.schemas import NOT_BLANK, Hint, TimedBody
from genai.access.demand import Demand
from genai.base.prompt import estimate_tokens
from genai.errors import InvalidInput, NotFound
from genai.llms.spending import begin_call
from genai.messages import Usage

MAX_TEXTS = 512


def _listed(value: object) -> object:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and any(isinstance(item, int | list) for item in value):
        raise ValueError("must be text or a list of texts; token numbers are not supported")
    return value


Texts = Annotated[
    list[Annotated[str, NOT_BLANK]],
    Field(min_length=1, max_length=MAX_TEXTS),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class EmbeddingsBody(TimedBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "all-MiniLM-L6-v2", "input": ["a first text", "another"]}]
        }
    )

    model: str
    input: Texts = Field(
        description="Of each text only what the model reads counts, its first 256 tokens with "
        "all-MiniLM-L6-v2; the rest is left out without an error."
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, ge=1)
    user: Hint = None


class Embedding(BaseModel):
    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str = Field(description="Base64 holds little-endian 32-bit floats.")


class EmbeddingsUsage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class Embeddings(BaseModel):
    object: Literal["list"] = "list"
    model: str
    data: list[Embedding]
    usage: EmbeddingsUsage


async def embeddings(call: Call, body: EmbeddingsBody) -> Reply:
    """Turn texts into vectors of unit length."""
    embedder = call.services.embedder
    _check(body, embedder.name, embedder.dimensions, call.services.settings.http.max_input_chars)
    tokens = _tokens(body)
    begin_call().usage = used = Usage(prompt_tokens=tokens)  # also for a caller who leaves
    vectors = await embedder.async_embed(body.input)
    call.usage = used
    encoded = _base64 if body.encoding_format == "base64" else _floats
    return reply(
        {
            "object": "list",
            "model": embedder.name,
            "data": [
                {"object": "embedding", "index": index, "embedding": encoded(vector)}
                for index, vector in enumerate(vectors)
            ],
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }
    )


def estimate(call: Call, body: EmbeddingsBody) -> Demand:
    return Demand(call.services.embedder.name, _tokens(body))


def _check(body: EmbeddingsBody, name: str, dimensions: int, most: int) -> None:
    if body.model != name:
        raise NotFound(f"no such embedding model; there is '{name}'")
    if body.dimensions not in {None, dimensions}:
        raise InvalidInput(f"this model has {dimensions} dimensions; leave it out", "dimensions")
    if any(len(text) > most for text in body.input):
        raise InvalidInput(f"each text may have at most {most} characters", "input")


def _tokens(body: EmbeddingsBody) -> int:
    return sum(map(estimate_tokens, body.input))


def _floats(vector: Sequence[float]) -> list[float]:
    return list(vector)


def _base64(vector: Sequence[float]) -> str:
    return b64encode(array("f", vector).tobytes()).decode("ascii")
