"""Validates JSON against an untrusted JSON schema."""

import json
from typing import Any

import jsonschema
import referencing

from genai.errors import InvalidInput


def check_json(text: str, schema: str) -> None:
    """Raises `InvalidInput` that says what is invalid. References are never fetched."""
    checker = jsonschema.Draft202012Validator(json.loads(schema), registry=referencing.Registry())
    try:
        error = next(checker.iter_errors(json.loads(text)), None)
    except (referencing.exceptions.Unresolvable, RecursionError) as broken:
        raise InvalidInput("the schema of this tool cannot be used") from broken
    if error is not None:
        raise InvalidInput(f"{_where(error)}: {_what(error)}", _where(error))


def _where(error: Any) -> str:
    return ".".join(["arguments", *map(str, error.absolute_path)])


def _what(error: Any) -> str:
    """Our own message, because that of the package repeats the value."""
    match error.validator:
        case "required" | "additionalProperties":
            return _fields(error.schema)
        case "type":
            return f"must be of type {error.validator_value}"
        case rule:
            return f"breaks the rule {rule}: {json.dumps(error.validator_value)[:200]}"


def _fields(schema: dict[str, Any]) -> str:
    """Which fields there may and must be, by the schema of the object."""
    taken, needed = ", ".join(schema.get("properties", {})), ", ".join(schema.get("required", ()))
    may = f"the fields are {taken}" if taken else "there are no fields"
    return (
        f"{may[:200]}; required are {needed[:200]}" if needed else f"{may[:200]}; none is required"
    )
