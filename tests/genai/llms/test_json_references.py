from typing import Any

import pytest

from genai.errors import InvalidInput
from genai.llms.json_references import check_references

TREE = {
    "$defs": {
        "tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}}},
        "a/b": {"type": "string"},
        "same": {"$ref": "#/$defs/tree"},
    },
    "anyOf": [{"$ref": "#/$defs/same"}, {"$ref": "#/$defs/a~1b"}, {"$ref": "#/anyOf/1"}],
}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"type": "object", "properties": {"x": {"$ref": "#/properties/x"}}},
    ],
    ids=str,
)
def test_a_reference_that_leads_only_to_itself_is_refused(schema: Any) -> None:
    with pytest.raises(InvalidInput, match="leads only to itself"):
        check_references(schema)


@pytest.mark.parametrize(
    "reference", ["#/$defs/none", "https://example.org/schema", "", "#/type", "#/$defs/a/9"]
)
def test_a_reference_to_nothing_is_refused(reference: str) -> None:
    schema = {"type": "object", "$defs": {"a": [True]}, "items": {"$ref": reference}}

    with pytest.raises(InvalidInput, match="does not lead to a part of the schema"):
        check_references(schema)


def test_a_reference_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must be a string"):
        check_references({"$ref": 5})


@pytest.mark.parametrize(
    "schema",
    [
        True,
        TREE,
        {"type": "object", "properties": {"next": {"$ref": "#"}}},
        {"type": "object", "properties": {"$ref": {"type": "string"}}},
        {"enum": [{"$ref": "nowhere"}]},
    ],
    ids=str,
)
def test_references_to_parts_of_the_schema_pass(schema: Any) -> None:
    check_references(schema)
