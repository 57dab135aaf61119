"""Resolves ``$ref``. Each must lead to a subschema of the same document."""

from typing import Final
from urllib.parse import unquote

from genai.errors import InvalidInput
from genai.llms.json_schema.example import Json

NAMED: Final = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
"""Their keys are names chosen by the caller, which may equal keywords."""
LISTED: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
NESTED: Final = (
    "items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip


def target_of(reference: Json, root: Json) -> Json:
    """The schema that a ``$ref`` leads to. Raises `InvalidInput` if it leads to none."""
    start, *steps = str(reference).split("/")
    found = root if start == "#" else None
    names = [unquote(step).replace("~1", "/").replace("~0", "~") for step in steps]
    while names and isinstance(found, dict):
        key = names.pop(0)
        found = found.get(key)
        if key in (*NAMED, *LISTED):
            found = _within(found, names.pop(0)) if names else None
        elif key not in NESTED:
            found = None
    if names or not isinstance(found, dict | bool):
        raise InvalidInput(
            "in a JSON schema, a $ref does not lead to a part of the schema", "response_format"
        )
    return found


def _within(holder: Json, name: str) -> Json:
    if isinstance(holder, dict):
        return holder.get(name)
    if isinstance(holder, list) and name.isdecimal():
        return dict(enumerate(holder)).get(int(name[:9]))
    return None
