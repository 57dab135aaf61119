"""Normalises a JSON schema into a list of alternatives without combinators.

``allOf``, ``$ref`` with siblings, and choices next to other keywords are merged. A keyword that a
grammar cannot enforce is refused by name.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, cast

from genai.errors import InvalidInput
from genai.llms.json_schema.example import Json
from genai.llms.json_schema.references import target_of

TYPES: Final = ("object", "array", "string", "number", "integer", "boolean", "null")
REFUSED: Final = (
    "not", "if", "dependentRequired", "dependentSchemas", "dependencies", "contains",
    "patternProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef",
)  # fmt: skip
HINTS: Final = {
    "object": (
        "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "propertyNames", "unevaluatedProperties",
    ),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
"""Types implied by a keyword, for a schema without ``type``."""

MOST_ALTERNATIVES: Final = 64
ANY_NAME: Final[tuple[Json, ...]] = (True, {}, {"type": "string"})
MOST_STEPS: Final = 20_000

Schema = dict[str, Json]
Part = Json
"""A schema in the document: an object, true or false."""
Parts = tuple[Part, ...]
"""Schemas that a value satisfies together, as with ``allOf``."""


class UnsupportedKeyword(InvalidInput):
    """A grammar cannot enforce this keyword."""

    def __init__(self, keyword: str, why: str) -> None:
        super().__init__(f"in a JSON schema, {keyword} {why}", "response_format")


class Unsatisfiable(Exception):
    """The schemas contradict each other."""


@dataclass(slots=True)
class Objects:
    """The properties of one schema, and its schema for all others."""

    named: Schema
    others: Part


@dataclass(slots=True)
class Arrays:
    first: list[Json]
    others: Part


@dataclass(slots=True)
class Merged:
    """The constraints of one alternative."""

    types: frozenset[str] | None = None
    values: list[Json] | None = None
    low: Fraction | None = None
    low_exclusive: bool = False
    high: Fraction | None = None
    high_exclusive: bool = False
    multiple: Fraction | None = None
    min_length: int = 0
    max_length: float = math.inf
    patterns: set[str] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    objects: list[Objects] = field(default_factory=list)
    required: list[str] = field(default_factory=list)
    min_properties: int = 0
    max_properties: float = math.inf
    arrays: list[Arrays] = field(default_factory=list)
    min_items: int = 0
    max_items: float = math.inf
    implied: set[str] = field(default_factory=set)

    def kinds(self) -> tuple[str, ...]:
        """The types allowed, in a fixed order; all types if none is named."""
        if self.types is None:
            return tuple(kind for kind in TYPES if kind in self.implied)
        return tuple(kind for kind in TYPES if kind in self.types)

    def names(self) -> list[str]:
        named = [name for each in self.objects for name in each.named]
        return list(dict.fromkeys([*named, *self.required]))

    def of_property(self, name: str) -> Parts:
        return tuple(each.named.get(name, each.others) for each in self.objects)

    def of_item(self, index: int) -> Parts:
        return tuple(
            each.first[index] if index < len(each.first) else each.others for each in self.arrays
        )


class Merger:
    """Merges the schemas of one document."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._steps = 0

    def alternatives(self, parts: Parts) -> list[Merged]:
        """The alternatives: a value that satisfies one of them satisfies all the parts."""
        found = []
        for flat in self._flat(parts):
            if any("$id" in schema and schema is not self._root for schema in flat):
                raise UnsupportedKeyword("$id", "is supported at the top only")
            try:
                found.append(merged([self._with_names(schema) for schema in flat]))
            except Unsatisfiable:
                continue
        return found

    def _flat(self, parts: Parts) -> list[list[Schema]]:
        rows: list[list[Schema]] = [[]]
        for part in parts:
            rows = _product(rows, self._rows(part, ()))
        return rows

    def _rows(self, part: Part, within: tuple[int, ...]) -> list[list[Schema]]:
        if isinstance(part, bool):
            return [[]] if part else []
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise UnsupportedKeyword("anyOf", "and other combinations lead to too many choices")
        schema = cast(Schema, part)
        if id(schema) in within:
            raise UnsupportedKeyword("$ref", "leads only to itself")
        within = (*within, id(schema))
        rows: list[list[Schema]] = [[schema]]
        if "$ref" in schema:
            rows = _product(rows, self._rows(target_of(schema["$ref"], self._root), within))
        for each in cast(list[Part], schema.get("allOf", [])):
            rows = _product(rows, self._rows(each, within))
        if "anyOf" in schema:
            choices = [self._rows(each, within) for each in cast(list[Part], schema["anyOf"])]
            rows = _product(rows, [row for choice in choices for row in choice])
        if "oneOf" in schema:
            choices = [self._rows(each, within) for each in cast(list[Part], schema["oneOf"])]
            rows = _product(rows, list(self._exclusive(choices)))
        return rows

    def _exclusive(self, choices: list[list[list[Schema]]]) -> Iterator[list[Schema]]:
        """The choices of ``oneOf``, each restricted so that its values match no other choice."""
        for index, choice in enumerate(choices):
            others = [row for at, other in enumerate(choices) if at != index for row in other]
            for row in choice:
                apart = [self._exclusion(row, other) for other in others]
                yield [*row, *(each for each in apart if each is not None)]

    def _exclusion(self, row: list[Schema], other: list[Schema]) -> Schema | None:
        """Constraints by which a value of the first choice does not match the second."""
        try:
            mine, theirs = merged(row), merged(other)
        except Unsatisfiable:
            return None
        if _disjoint(mine, theirs) or _disjoint(theirs, mine):
            return None
        if mine.kinds() == ("object",) and mine.names():
            for name in theirs.required:
                if name not in mine.names():
                    return {"type": "object", "properties": {name: False}}
            for name in mine.names():
                own = self._values(mine.of_property(name))
                foreign = self._values(theirs.of_property(name))
                if own is not None and foreign is not None and not _common(own, foreign):
                    return {"type": "object", "required": [name]}
        raise UnsupportedKeyword("oneOf", "has choices that a value could obey two of; use anyOf")

    def _with_names(self, schema: Schema) -> Schema:
        """Turns ``propertyNames`` with a short enumeration into properties."""
        if "propertyNames" not in schema or schema["propertyNames"] in ANY_NAME:
            return schema
        names = self._values((schema["propertyNames"],))
        if names is None:
            raise UnsupportedKeyword("propertyNames", "is supported with an enum only")
        others = schema.get("additionalProperties", True)
        own = cast(Schema, schema.get("properties", {}))
        named = {str(name): own.get(str(name), others) for name in names if isinstance(name, str)}
        rest = {key: value for key, value in schema.items() if key != "propertyNames"}
        return {**rest, "properties": named, "additionalProperties": False}

    def _values(self, parts: Parts) -> list[Json] | None:
        """The enumerated values of a property, if it has any."""
        found: list[Json] = []
        for each in self.alternatives(parts):
            if each.values is None:
                return None
            found.extend(each.values)
        return found


def _product(left: list[list[Schema]], right: list[list[Schema]]) -> list[list[Schema]]:
    if len(left) * len(right) > MOST_ALTERNATIVES:
        raise UnsupportedKeyword("anyOf", f"may lead to at most {MOST_ALTERNATIVES} choices in all")
    return [[*one, *other] for one in left for other in right]


def _disjoint(one: Merged, other: Merged) -> bool:
    """Whether types or enumerated values make the two exclude each other."""
    if one.values is not None:
        if other.values is not None:
            return not _common(one.values, other.values)
        types = other.types
        return types is not None and not any(_has_type(value, types) for value in one.values)
    return bool(one.types and other.types) and not _intersection(
        cast(frozenset[str], one.types), cast(frozenset[str], other.types)
    )


def merged(row: list[Schema]) -> Merged:
    """Raises `Unsatisfiable` if the schemas contradict each other."""
    whole = Merged()
    for schema in row:
        _check_kept(schema)
        _add_values(whole, schema)
        _add_number(whole, schema)
        _add_text(whole, schema)
        _add_object(whole, schema)
        _add_array(whole, schema)
        whole.implied |= {kind for kind, keys in HINTS.items() if schema.keys() & set(keys)}
    if whole.types is not None and not whole.types:
        raise Unsatisfiable
    if whole.values is not None:
        whole.values = [value for value in whole.values if _satisfies(value, whole)]
        if not whole.values:
            raise Unsatisfiable
    return whole


def _check_kept(schema: Schema) -> None:
    for keyword in REFUSED:
        if keyword in schema:
            raise UnsupportedKeyword(keyword, "is not supported")
    if schema.get("uniqueItems") is True and cast(float, schema.get("maxItems", 2)) > 1:
        raise UnsupportedKeyword("uniqueItems", "is not supported")
    if not isinstance(schema.get("unevaluatedProperties", False), bool):
        raise UnsupportedKeyword("unevaluatedProperties", "is supported as true or false only")


def _add_values(whole: Merged, schema: Schema) -> None:
    if "type" in schema:
        named = schema["type"]
        types = frozenset(cast(list[str], named if isinstance(named, list) else [named]))
        whole.types = _intersection(frozenset(TYPES) if whole.types is None else whole.types, types)
    for keyword in ("enum", "const"):
        if keyword in schema:
            given = cast(list[Json], schema["enum"]) if keyword == "enum" else [schema["const"]]
            whole.values = given if whole.values is None else _common(whole.values, given)


def _intersection(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    common = _with_integers(one) & _with_integers(other)
    return common - {"integer"} if "number" in common else common


def _with_integers(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types


def _common(one: list[Json], other: list[Json]) -> list[Json]:
    keys = {identity(value) for value in other}
    return [value for value in one if identity(value) in keys]


def identity(value: Json) -> str:
    """A key for equality as JSON schema defines it: 1 equals 1.0, but not true."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _add_number(whole: Merged, schema: Schema) -> None:
    for keyword, strict in (("minimum", False), ("exclusiveMinimum", True)):
        low = _fraction(schema.get(keyword))
        if low is not None and (
            whole.low is None or (low, strict) > (whole.low, whole.low_exclusive)
        ):
            whole.low, whole.low_exclusive = low, strict
    for keyword, strict in (("maximum", False), ("exclusiveMaximum", True)):
        high = _fraction(schema.get(keyword))
        if high is not None and (
            whole.high is None or (high, not strict) < (whole.high, not whole.high_exclusive)
        ):
            whole.high, whole.high_exclusive = high, strict
    multiple = _fraction(schema.get("multipleOf"))
    if multiple is not None:
        if whole.multiple is not None or multiple.denominator != 1:
            raise UnsupportedKeyword("multipleOf", "is supported once, and for whole numbers only")
        whole.multiple = multiple


def _fraction(number: Json) -> Fraction | None:
    """The exact value of the decimal notation, not of the nearest float."""
    return Fraction(str(number)) if isinstance(number, int | float) else None


def _add_text(whole: Merged, schema: Schema) -> None:
    whole.min_length = max(whole.min_length, int(cast(float, schema.get("minLength", 0))))
    whole.max_length = min(whole.max_length, cast(float, schema.get("maxLength", math.inf)))
    if schema.get("pattern"):
        whole.patterns.add(cast(str, schema["pattern"]))
    if "format" in schema:
        whole.formats.add(cast(str, schema["format"]))


def _add_object(whole: Merged, schema: Schema) -> None:
    closed = schema.get("unevaluatedProperties") is False
    if closed and schema.keys() & {"$ref", "allOf", "anyOf", "oneOf"}:
        raise UnsupportedKeyword(
            "unevaluatedProperties", "is not supported next to $ref, allOf, anyOf or oneOf"
        )
    if closed or schema.keys() & {"properties", "additionalProperties"}:
        others = schema.get("additionalProperties", not closed)
        whole.objects.append(Objects(cast(Schema, schema.get("properties", {})), others))
    for name in cast(list[str], schema.get("required", [])):
        if name not in whole.required:
            whole.required.append(name)
    least, most = schema.get("minProperties", 0), schema.get("maxProperties", math.inf)
    whole.min_properties = max(whole.min_properties, int(cast(float, least)))
    whole.max_properties = min(whole.max_properties, cast(float, most))


def _add_array(whole: Merged, schema: Schema) -> None:
    if schema.keys() & {"prefixItems", "items"}:
        first = cast(list[Json], schema.get("prefixItems", []))
        whole.arrays.append(Arrays(first, schema.get("items", True)))
    whole.min_items = max(whole.min_items, int(cast(float, schema.get("minItems", 0))))
    whole.max_items = min(whole.max_items, cast(float, schema.get("maxItems", math.inf)))


def _satisfies(value: Json, whole: Merged) -> bool:
    """Whether a literal satisfies the keywords next to it."""
    kind = type_of(value)
    if whole.types is not None and not _has_type(value, whole.types):
        return False
    if isinstance(value, str):
        if whole.patterns:
            raise UnsupportedKeyword("pattern", "is not supported next to enum or const")
        return whole.min_length <= len(value) <= whole.max_length
    if kind in ("integer", "number"):
        return _in_range(Fraction(str(value)), whole)
    if kind in ("object", "array") and kind in whole.implied:
        raise UnsupportedKeyword(
            "enum", "of objects or lists is not supported next to what these must hold"
        )
    return True


def _has_type(value: Json, types: frozenset[str]) -> bool:
    return type_of(value) in _with_integers(types)


def type_of(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case dict():
            return "object"
        case list():
            return "array"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"


def _in_range(number: Fraction, whole: Merged) -> bool:
    low, high = whole.low, whole.high
    return (
        (low is None or number > low or (number == low and not whole.low_exclusive))
        and (high is None or number < high or (number == high and not whole.high_exclusive))
        and (whole.multiple is None or number % whole.multiple == 0)
    )
