"""Reduces the JSON schema of a tool's arguments to what every constrained decoder supports."""

import json
from typing import Any, Final

ANY: Final[dict[str, Any]] = {"type": "object"}
_TYPES: Final = ("string", "integer", "number", "boolean", "null")
_SILENT: Final = ("title", "description", "default", "examples")
"""Annotations, which constrain nothing."""


def plain_schema(parameters: str) -> dict[str, Any]:
    """The reduced schema; any object if the schema needs more.

    What is left out is checked when the tool is called.
    """
    try:
        found = _plain(json.loads(parameters))
    except ValueError:
        return ANY
    return found if found is not None and found.get("type") == "object" else ANY


def _plain(schema: object) -> dict[str, Any] | None:
    if not isinstance(schema, dict):
        return None
    said = {key: value for key, value in schema.items() if key not in _SILENT}
    match said:
        case {"enum": list(choices)}:
            return {"enum": choices}
        case {"type": "object", "properties": dict(properties)} if properties:
            return _object(properties, said)
        case {"type": "array", "items": items} if (inner := _plain(items)) is not None:
            return {"type": "array", "items": inner}
        case {"type": kind} if kind in _TYPES:
            return {"type": kind}
        case _:
            return None


def _object(properties: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any] | None:
    plain = {name: _plain(one) for name, one in properties.items()}
    if any(one is None for one in plain.values()):
        return None
    required = [name for name in schema.get("required", ()) if name in plain]
    return {
        "type": "object",
        "properties": plain,
        "required": required,
        "additionalProperties": False,
    }
