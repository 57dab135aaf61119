import json
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, Field

from genai.llms.json_schema.example import example_of


class Item(BaseModel):
    name: str = Field(min_length=2)
    price: float = Field(gt=0)


class Order(BaseModel):
    items: list[Item] = Field(min_length=2)
    note: str | None
    parent: "Order | None" = None


SCHEMAS: list[Any] = [
    Order.model_json_schema(),
    {"enum": ["a", "b"]},
    {"const": 7},
    {"type": ["string", "null"], "maxLength": 0},
    {"type": "integer", "minimum": 3, "multipleOf": 5},
    {"type": "integer", "maximum": -3},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "string", "format": "date"},
    {"allOf": [{"properties": {"a": {"type": "boolean"}}, "required": ["a"]}, {"type": "object"}]},
    {
        "type": "array",
        "prefixItems": [{"type": "string"}],
        "items": {"type": "null"},
        "minItems": 2,
    },
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_examples_obey_their_schema(schema: Any) -> None:
    jsonschema.validate(example_of(schema), schema)


def test_a_schema_that_requires_itself_ends() -> None:
    endless = {"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "required": ["n"]}}}
    endless["$defs"]["n"]["properties"] = {"n": {"$ref": "#/$defs/n"}}  # type: ignore[index]

    assert example_of(endless) is not None  # type: ignore[arg-type]
