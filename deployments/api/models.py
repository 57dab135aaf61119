"""``/v1/models``: the configured models, and the assistant."""

from typing import Any, Literal

from pydantic import BaseModel

from deployments.api.call import Call, Reply, reply
from deployments.api.chat_completions import ASSISTANT
from genai.errors import ModelNotFound


class Model(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: tuple[Model, ...]


async def list_models(call: Call, body: None) -> Reply:
    """The values of `model` in a chat completion."""
    return reply({"object": "list", "data": [_model_object(name) for name in await _offered(call)]})


async def get_model(call: Call, body: None) -> Reply:
    """One model."""
    name = call.identifier("model_id")
    if name not in await _offered(call):
        raise ModelNotFound
    return reply(_model_object(name))


async def _offered(call: Call) -> tuple[str, ...]:
    return (ASSISTANT, *await call.services.completions.async_available())


def _model_object(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "genai-factory"}
