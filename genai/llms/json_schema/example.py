"""Example values of a JSON schema, for scripted answers and for tests."""

import math
from collections.abc import Mapping
from typing import cast

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Schema = Mapping[str, Json]

FORMATS: Mapping[str, str] = {
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "P1D",
    "email": "a@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org",
    "uuid": "00000000-0000-4000-8000-000000000000",
}

MAX_DEPTH = 32


def example_of(schema: Schema) -> Json:
    """A small valid value: required properties, shortest lists, first choices.

    Covers the schemas of functions and of pydantic models; ``pattern`` is ignored.
    """
    return _example(schema, schema, 0)


def resolve(schema: Schema, root: Schema) -> Schema:
    """Follow ``$ref`` within the document; an unknown reference allows anything."""
    for _ in range(MAX_DEPTH):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        target: Json = dict(root)
        for part in reference.removeprefix("#").split("/")[1:]:
            target = target.get(part, {}) if isinstance(target, dict) else {}
        schema = target if isinstance(target, dict) else {}
    return {}


def _example(schema: Json | Schema, root: Schema, depth: int) -> Json:
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return None
    schema = resolve(schema, root)
    if "const" in schema:
        return schema["const"]
    if choices := schema.get("enum"):
        return cast(list[Json], choices)[0]
    for union in ("anyOf", "oneOf"):
        if branches := schema.get(union):
            return _example(cast(list[Json], branches)[0], root, depth + 1)
    if parts := schema.get("allOf"):
        return _example(_merged(schema, cast(list[Schema], parts), root), root, depth + 1)
    return _of_type(schema, root, depth)


def _merged(schema: Schema, parts: list[Schema], root: Schema) -> Schema:
    """A merge for the usual case: each part adds properties or narrows a type."""
    whole: dict[str, Json] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in (resolve(part, root) for part in parts):
        for key, value in part.items():
            known = whole.get(key)
            if isinstance(known, dict) and isinstance(value, dict):
                whole[key] = {**known, **value}
            elif isinstance(known, list) and isinstance(value, list):
                whole[key] = [*known, *value]
            else:
                whole[key] = value
    return whole


def _of_type(schema: Schema, root: Schema, depth: int) -> Json:
    match _type_of(schema):
        case "object":
            return _object(schema, root, depth)
        case "array":
            return _array(schema, root, depth)
        case "string":
            return _string(schema)
        case "integer" | "number" as kind:
            return _number(schema, whole=kind == "integer")
        case "boolean":
            return True
        case _:
            return None


def _type_of(schema: Schema) -> Json:
    kind = schema.get("type")
    if isinstance(kind, list):
        return kind[0] if kind else None
    if kind is None and "properties" in schema:
        return "object"
    if kind is None and "items" in schema:
        return "array"
    return kind


def _object(schema: Schema, root: Schema, depth: int) -> Json:
    properties = cast(dict[str, Json], schema.get("properties") or {})
    required = cast(list[str], schema.get("required") or [])
    return {name: _example(properties.get(name, {}), root, depth + 1) for name in required}


def _array(schema: Schema, root: Schema, depth: int) -> Json:
    first = cast(list[Json], schema.get("prefixItems") or [])
    items = [_example(item, root, depth + 1) for item in first]
    missing = int(cast(int, schema.get("minItems") or 0)) - len(items)
    return items + [_example(schema.get("items", {}), root, depth + 1) for _ in range(missing)]


def _string(schema: Schema) -> str:
    known = FORMATS.get(str(schema.get("format")))
    if known is not None:
        return known
    shortest = int(cast(int, schema.get("minLength") or 0))
    longest = int(cast(int, schema.get("maxLength", 8)))
    return "x" * max(shortest, min(longest, 1))


def _number(schema: Schema, *, whole: bool) -> int | float:
    """Zero if that is allowed, else a number at an end of the range, or in its middle."""
    step, least, above, most, below = (
        cast(float | None, schema.get(key))
        for key in ("multipleOf", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    )
    low = max((end for end in (least, above) if end is not None), default=-math.inf)
    high = min((end for end in (most, below) if end is not None), default=math.inf)
    step = step or 1

    def fits(number: float) -> bool:
        return low <= number <= high and number not in (above, below)

    ends = [step * math.ceil(low / step)] if math.isfinite(low) else []
    ends += [step * math.floor(high / step)] if math.isfinite(high) else []
    near = [end + side for end in ends for side in (0, step, -step)]
    value = next(filter(fits, [0, *near, (low + high) / 2]), 0)
    return int(value) if whole else value
