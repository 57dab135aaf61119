"""Rewrites a JSON schema so that a grammar made from it yields valid JSON, in bounded length."""

from genai.llms.json_example import Json

NO_CONTROL = r'[^"\\\x00-\x1f]'

MAX_STRING, MAX_ITEMS, MAX_NUMBER = 40, 3, 999_999

MOST_TERSE, MOST_DRAWN = 100, 256
"""Characters to which a longer limit is drawn in: what is shorter meets the schema, too, and each counted
character costs some 3 ms before the first token (xgrammar 0.2)."""

MOST_REPEATED = 100
"""xgrammar 0.2 makes no grammar of a pattern with a count above 128."""

TYPED_BY_VALUE = ("enum", "const", "$ref", "anyOf", "oneOf", "allOf")


def safe(schema: Json, *, terse: bool = False) -> Json:
    """The schema, with every bound on a string's length as a pattern that keeps control characters
    out: grammars built from `minLength` and `maxLength` let them in, and JSON forbids them.

    ``terse`` also bounds what the schema leaves open: strings, lists, numbers and extra properties.
    It is for models that would not come to an end by themselves.
    """
    if isinstance(schema, list):
        return [safe(item, terse=terse) for item in schema]
    if not isinstance(schema, dict):
        return schema
    rewritten = {key: _part(key, value, terse) for key, value in schema.items()}
    if any(key in schema for key in TYPED_BY_VALUE):
        return rewritten
    if terse:
        rewritten = _bounded(rewritten)
    return _with_pattern(rewritten, MOST_TERSE if terse else MOST_DRAWN)


def _part(key: str, value: Json, terse: bool) -> Json:
    """Names of properties and literal values are not schemas, whatever they look like."""
    if key in ("properties", "$defs", "definitions", "patternProperties"):
        named = value if isinstance(value, dict) else {}
        return {name: safe(each, terse=terse) for name, each in named.items()}
    if key in ("enum", "const", "required", "default", "examples"):
        return value
    return safe(value, terse=terse)


def _bounded(schema: dict[str, Json]) -> dict[str, Json]:
    match schema.get("type"):
        case "string" if not schema.keys() & {"pattern", "format"}:
            shortest = schema.get("minLength", 0)
            longest = max(MAX_STRING, shortest if isinstance(shortest, int) else 0)
            return {"maxLength": longest} | schema
        case "array":
            fewest = schema.get("minItems", 0)
            most = max(MAX_ITEMS, fewest if isinstance(fewest, int) else 0)
            return {"maxItems": most} | schema
        case "integer" | "number":
            return schema | _range(schema)
        case "object" if schema.get("properties"):
            return {"additionalProperties": False} | schema
        case _:
            return schema


def _range(schema: dict[str, Json]) -> dict[str, Json]:
    """The missing ends of a number's range, none where the schema is not about ordinary numbers."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    missing: dict[str, Json] = {}
    if low is None:
        missing["minimum"] = min(0, int(high) - 1) if isinstance(high, int | float) else 0
    if high is None:
        missing["maximum"] = MAX_NUMBER + (int(low) if isinstance(low, int | float) else 0)
    return missing


def _with_pattern(schema: dict[str, Json], most: int) -> dict[str, Json]:
    """Longer limits than ``most`` are drawn in, as far as the shortest text allows."""
    bounds = schema.keys() & {"minLength", "maxLength"}
    if not bounds or schema.keys() & {"pattern", "format"} or schema.get("type") != "string":
        return schema
    kept = {key: value for key, value in schema.items() if key not in bounds}
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    least = shortest if isinstance(shortest, int) else 0
    more = max(min(longest, max(most, least)) - least, 0) if isinstance(longest, int) else None
    return kept | {"pattern": f"^{_exactly(least)}{_up_to(more)}$"}


def _exactly(count: int) -> str:
    """A repeat of more than `MOST_REPEATED` is written as several."""
    whole, rest = divmod(count, MOST_REPEATED)
    return f"{NO_CONTROL}{{{MOST_REPEATED}}}" * whole + (f"{NO_CONTROL}{{{rest}}}" if rest else "")


def _up_to(count: int | None) -> str:
    """Each text fits in one way only: where it could in many, the grammar takes seconds to make."""
    if count is None:
        return f"{NO_CONTROL}*"
    if count <= MOST_REPEATED:
        return f"{NO_CONTROL}{{0,{count}}}"
    full = f"{NO_CONTROL}{{{MOST_REPEATED}}}"
    fewer = f"{NO_CONTROL}{{0,{MOST_REPEATED - 1}}}"
    return f"({fewer}|{full}{_up_to(count - MOST_REPEATED)})"
