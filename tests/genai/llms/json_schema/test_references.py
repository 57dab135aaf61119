from typing import Any

import pytest

from genai.errors import InvalidInput
from genai.llms.json_schema.references import target_of

LEAF: dict[str, Any] = {"type": "string"}
SCHEMA: Any = {
    "$defs": {"a/b": LEAF, "a b": LEAF, "list": {"anyOf": [True, LEAF]}, "$ref": LEAF},
    "type": "object",
    "properties": {"x": {"items": LEAF}},
    "enum": [LEAF],
}


@pytest.mark.parametrize(
    "reference",
    [
        "#/$defs/a~1b",
        "#/$defs/a%20b",
        "#/$defs/list/anyOf/1",
        "#/properties/x/items",
        "#/$defs/$ref",
    ],
)
def test_a_reference_leads_to_a_part_of_the_schema(reference: str) -> None:
    assert target_of(reference, SCHEMA) is LEAF


@pytest.mark.parametrize(
    "reference",
    ["#/$defs/none", "https://example.org/schema", "", "#anchor", "#/type", "#/$defs/list/anyOf/9",
     "#/$defs", "#/enum/0", "file:///etc/passwd", "#/properties/x/items/"],
)  # fmt: skip
def test_a_reference_to_something_else_is_refused(reference: str) -> None:
    with pytest.raises(InvalidInput, match="does not lead to a part of the schema"):
        target_of(reference, SCHEMA)
