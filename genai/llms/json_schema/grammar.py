"""Rewrites a caller's JSON schema into one that xgrammar enforces completely.

Whatever the result allows, the caller's schema allows. The reverse does not always hold: objects
with named properties are closed, and long strings are limited. A keyword that cannot be enforced
is refused by name.
"""

import json
import math
from dataclasses import dataclass, field
from typing import Final

import jsonschema

from genai.errors import InvalidInput
from genai.llms.json_schema.example import Json
from genai.llms.json_schema.formats import format_pattern
from genai.llms.json_schema.limits import check_limits
from genai.llms.json_schema.merging import Merged, Merger, Part, Parts, Schema, UnsupportedKeyword
from genai.llms.json_schema.numbers import numbers
from genai.llms.json_schema.patterns.bounding import limit_length
from genai.llms.json_schema.patterns.parsing import UnsupportedPattern, parse
from genai.llms.json_schema.patterns.tree import ANYTHING, Node, lengths
from genai.llms.json_schema.shapes import List, Literal, Map, Name, Plain, Record, Shape, Text
from genai.llms.json_schema.writing import TERSE_CHARS, Writer

MOST_SHAPES: Final = 512
"""Subschemas that a schema may have once references and choices are expanded."""
TERSE_FORMAT, TERSE_ITEMS = 60, 3
MOST_CHARS: Final = 256
"""Longest string, where the schema permits a limit: each character costs time to compile."""
FORMAT_COST: Final = 0.3
"""Relative to other patterns of the same length: the separators in a format make it cheaper."""


def enforceable_schema(text: str, *, terse: bool) -> str:
    """Raises `InvalidInput`, which names the keyword that cannot be enforced.

    ``terse`` also limits strings, lists and numbers that the schema leaves unbounded, for models
    that would not stop by themselves.
    """
    root = checked_schema(text)
    reader = _Reader(root, terse=terse)
    try:
        start = reader.shape_of((root,))
    except RecursionError:
        raise InvalidInput("a JSON schema is nested too deeply", "response_format") from None
    return json.dumps(Writer(reader.shapes, terse=terse).written(start), ensure_ascii=False)


def checked_schema(text: str) -> Schema:
    """Parses the schema. Raises `InvalidInput` if it is invalid or too large."""
    root = _parsed(text)
    check_limits(root, len(text))
    _check_schema(root)
    return root


def _parsed(text: str) -> Schema:
    try:
        parsed = json.loads(text, parse_constant=_no_number)
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InvalidInput("the JSON schema is not valid JSON", "response_format") from None
    if not isinstance(parsed, dict):
        raise InvalidInput("a JSON schema must be an object", "response_format")
    return parsed


def _no_number(constant: str) -> None:
    raise ValueError(constant)


def _check_schema(root: Schema) -> None:
    validator = jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA)
    error = next(validator.iter_errors(root), None)
    if error is None:
        return
    known = [str(step) for step in error.absolute_path if str(step) in KEYWORDS]
    where = known[-1] if known else "a part"
    raise InvalidInput(f"in a JSON schema, {where} is not what it must be", "response_format")


KEYWORDS: Final = {
    "type", "enum", "const", "properties", "required", "additionalProperties", "minProperties",
    "maxProperties", "propertyNames", "patternProperties", "items", "prefixItems", "minItems",
    "maxItems", "uniqueItems", "contains", "minLength", "maxLength", "pattern", "format",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "anyOf",
    "oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
    "$ref", "$defs", "$id", "$schema", "$anchor", "definitions",
}  # fmt: skip


@dataclass(slots=True)
class _Reader:
    """Translates the caller's schemas into numbered shapes."""

    root: Schema
    terse: bool
    shapes: dict[Name, list[Shape]] = field(default_factory=dict)
    _known: dict[tuple[object, ...], Name] = field(default_factory=dict)
    _merger: Merger = field(init=False)

    def __post_init__(self) -> None:
        self._merger = Merger(self.root)

    def shape_of(self, parts: Parts) -> Name:
        """Returns the same name for the same parts, so recursion terminates."""
        kept = tuple({_key(part): part for part in parts if part is not True}.values())
        key = tuple(_key(part) for part in kept)
        if key in self._known:
            return self._known[key]
        name = self._known[key] = len(self.shapes)
        if name >= MOST_SHAPES:
            raise InvalidInput(
                f"a JSON schema may have at most {MOST_SHAPES} parts", "response_format"
            )
        self.shapes[name] = []
        try:
            self.shapes[name].extend(self._of_any(self._merger.alternatives(kept)))
        except UnsupportedKeyword:
            del self._known[key]
            raise
        return name

    def _of_any(self, alternatives: list[Merged]) -> list[Shape]:
        unread: list[UnsupportedKeyword] = []
        shapes: list[Shape] = []
        for whole in alternatives:
            try:
                shapes.extend(self._shapes(whole))
            except _UnsupportedPatternKeyword as error:
                unread.append(error)
        if unread and not shapes:
            raise unread[0]
        return shapes

    def _shapes(self, whole: Merged) -> list[Shape]:
        if whole.values is not None:
            return [Literal(tuple(map(_dumped, whole.values)))]
        kinds = whole.kinds()
        if not kinds:
            return self._anything()
        return [shape for kind in kinds for shape in self._of_kind(kind, whole)]

    def _of_kind(self, kind: str, whole: Merged) -> list[Shape]:
        match kind:
            case "object":
                return self._object(whole)
            case "array":
                return self._array(whole)
            case "string":
                return self._text(whole)
            case "number" | "integer":
                schema, least = numbers(whole, kind, terse=self.terse)
                return [Plain(_dumped(schema), least)] if schema is not None else []
            case _:
                return [Plain(_dumped({"type": kind}), 4)]

    def _anything(self) -> list[Shape]:
        """Any value; with ``terse`` only scalars."""
        scalars = [
            shape for kind in ("string", "number") for shape in self._of_kind(kind, Merged())
        ]
        known: list[Shape] = [*scalars, Plain(_dumped({"type": "boolean"}), 4)]
        if self.terse:
            return known
        inner = self.shape_of(())
        return [*known, Literal(("null",)), List((), inner, 0, math.inf), Map(inner, 0, math.inf)]

    def _text(self, whole: Merged) -> list[Shape]:
        known = [node for each in sorted(whole.formats) if (node := format_pattern(each))]
        if len(whole.patterns) + len(known) > 1:
            other = "format" if known else "another pattern"
            raise UnsupportedKeyword("pattern", f"is not supported next to {other}")
        bounded = whole.min_length > 0 or not math.isinf(whole.max_length)
        node = known[0] if known else _parse_pattern(whole.patterns)
        whole_node = limit_length(node, whole.min_length, whole.max_length)
        if whole_node is None:
            if whole.min_length > whole.max_length:
                return []
            raise UnsupportedKeyword(
                "minLength or maxLength",
                "does not go together with the pattern or format next to it",
            )
        least = lengths(whole_node)[0]
        most = TERSE_CHARS if self.terse else MOST_CHARS
        if known:
            short = limit_length(whole_node, least, max(least, TERSE_FORMAT))
            node = short if short is not None and self.terse else whole_node
            return [Text(node, FORMAT_COST, least=least)]
        if bounded or self.terse:
            whole_node = limit_length(whole_node, least, max(least, most)) or whole_node
        ours = not whole.patterns and (bounded or self.terse)
        return [Text(whole_node, open=ours, least=least)]

    def _array(self, whole: Merged) -> list[Shape]:
        length = max((len(each.first) for each in whole.arrays), default=0)
        most = whole.max_items
        if self.terse:
            most = min(most, max(TERSE_ITEMS, whole.min_items, length))
        if whole.min_items > most:
            return []
        first = tuple(self.shape_of(whole.of_item(index)) for index in range(length))
        others = self.shape_of(whole.of_item(length)) if most > length else None
        return [List(first, others, whole.min_items, most)]

    def _object(self, whole: Merged) -> list[Shape]:
        names = whole.names()
        if not names:
            most = whole.max_properties
            if whole.min_properties > 1:
                raise UnsupportedKeyword(
                    "minProperties", "is not supported for names that are left open"
                )
            if self.terse:
                most = min(most, TERSE_ITEMS)
            if whole.min_properties > most:
                return []
            values = self.shape_of(whole.of_property(""))
            return [Map(values, whole.min_properties, most)]
        names.sort(key=lambda name: name not in whole.required)
        fields = [
            (name, self.shape_of(whole.of_property(name)), name in whole.required) for name in names
        ]
        return [self._counted(Record(tuple(fields)), whole)]

    def _counted(self, record: Record, whole: Merged) -> Record:
        """Meets minProperties and maxProperties by making properties required or leaving them out."""
        missing = whole.min_properties - len(whole.required)
        spare = whole.max_properties - max(len(whole.required), whole.min_properties)
        fields: list[tuple[str, Name, bool]] = []
        for key, name, must in record.fields:
            if must or missing > 0:
                missing -= not must
                fields.append((key, name, True))
            elif spare > 0:
                spare -= 1
                fields.append((key, name, False))
        if missing > 0 or spare < 0:
            raise UnsupportedKeyword(
                "minProperties or maxProperties", "does not go together with properties"
            )
        return Record(tuple(fields))


class _UnsupportedPatternKeyword(UnsupportedKeyword):
    """An alternative with such a pattern is dropped if another alternative remains."""


def _parse_pattern(found: set[str]) -> Node:
    try:
        return parse(next(iter(found))) if found else ANYTHING
    except UnsupportedPattern as error:
        raise _UnsupportedPatternKeyword("pattern", str(error)) from None


def _key(part: Part) -> object:
    return id(part) if isinstance(part, dict) else part


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
