"""Limits the size of a JSON schema. It is compiled in the engine that all callers share."""

from typing import Final

from genai.errors import InvalidInput
from genai.llms.json_schema.example import Json
from genai.llms.json_schema.references import NAMED

MOST_CHARS: Final = 32_768
MOST_DEPTH: Final = 24
MOST_PROPERTIES: Final = 64
"""Per object. Each optional one takes some 50 ms to compile (xgrammar 0.2)."""
MOST_PROPERTIES_IN_ALL: Final = 128
MOST_CHOICES: Final = {"enum": 500, "anyOf": 32, "oneOf": 32, "allOf": 32, "prefixItems": 32}
MOST_COUNT: Final = 10_000
"""Highest minLength, minItems and the like."""
MOST_PATTERN: Final = 500

COUNTS: Final = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"
)  # fmt: skip
VALUES: Final = ("enum", "const", "required", "default", "examples")
"""Keywords whose values are not schemas."""


def check_limits(schema: Json, chars: int) -> None:
    """Raises `InvalidInput`, which names the limit that is exceeded."""
    if chars > MOST_CHARS:
        raise _too("may have", MOST_CHARS, "characters")
    _Walk().walk(schema, 0)


class _Walk:
    def __init__(self) -> None:
        self._properties = 0

    def walk(self, schema: Json, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise _too("may be nested", MOST_DEPTH, "levels deep")
        if isinstance(schema, list):
            for each in schema:
                self.walk(each, depth + 1)
        elif isinstance(schema, dict):
            self._look(schema)
            for key, value in schema.items():
                if key not in VALUES:
                    self.walk(_schemas_in(key, value), depth + 1)

    def _look(self, schema: dict[str, Json]) -> None:
        named = schema.get("properties")
        if isinstance(named, dict):
            self._properties += len(named)
            if len(named) > MOST_PROPERTIES:
                raise _too("may have", MOST_PROPERTIES, "properties in one object")
        if self._properties > MOST_PROPERTIES_IN_ALL:
            raise _too("may have", MOST_PROPERTIES_IN_ALL, "properties in all")
        for key, most in MOST_CHOICES.items():
            choices = schema.get(key)
            if isinstance(choices, list) and len(choices) > most:
                raise _too("may have", most, f"entries under {key}")
        for key in COUNTS:
            count = schema.get(key)
            if isinstance(count, int | float) and count > MOST_COUNT:
                raise _too("may count", MOST_COUNT, f"at {key}")
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and len(pattern) > MOST_PATTERN:
            raise _too("may have", MOST_PATTERN, "characters in a pattern")


def _schemas_in(key: str, value: Json) -> Json:
    """The values under a keyword, without the names that the caller chose."""
    return list(value.values()) if key in NAMED and isinstance(value, dict) else value


def _too(verb: str, most: int, what: str) -> InvalidInput:
    return InvalidInput(f"a JSON schema {verb} at most {most:,} {what}", "response_format")
