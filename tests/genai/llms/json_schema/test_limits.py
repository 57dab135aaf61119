import json
from typing import Any

import pytest

from genai.errors import InvalidInput
from genai.llms.json_schema.limits import check_limits


def nested(levels: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


def with_properties(count: int) -> Any:
    return {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(count)}}


@pytest.mark.parametrize(
    "schema",
    [
        with_properties(1500),
        {"type": "array", "items": {"anyOf": [with_properties(60)] * 3}},
        {"enum": ["x" * 40_000]},
        {"enum": list(range(1000))},
        {"anyOf": [{"type": "string"}] * 2000},
        {"type": "string", "minLength": 10**9},
        {"type": "array", "minItems": 1e12},
        {"type": "string", "pattern": "a" * 501},
        nested(100),
    ],
    ids=str,
)
def test_a_schema_whose_grammar_would_be_huge_is_refused_with_what_is_too_much(schema: Any) -> None:
    with pytest.raises(InvalidInput, match=r"a JSON schema may .* at most [\d,]+ "):
        check_limits(schema, len(json.dumps(schema)))


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        with_properties(64),
        nested(10),
        {"type": "string", "maxLength": 5000},
        {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        {"type": "object", "properties": {"pattern": {"type": "string"}, "minLength": {}}},
        {"enum": [{"minLength": 10**9}]},
    ],
    ids=str,
)
def test_what_people_ask_for_passes(schema: Any) -> None:
    check_limits(schema, len(json.dumps(schema)))
