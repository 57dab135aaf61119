"""Writes shapes as a JSON schema for xgrammar. Shapes without a finite value are left out."""

import json
import math
from typing import Final, cast

from genai.errors import InvalidInput
from genai.llms.json_schema.example import Json
from genai.llms.json_schema.merging import Schema, identity
from genai.llms.json_schema.patterns.bounding import limit_length
from genai.llms.json_schema.patterns.cost import affordable, cost
from genai.llms.json_schema.patterns.rendering import render
from genai.llms.json_schema.patterns.tree import ALL, ANYTHING, Chars, Repeat
from genai.llms.json_schema.shapes import List, Literal, Map, Name, Plain, Record, Shape, Text

LARGEST_LEAST: Final = 3000
"""Characters of the smallest valid value. Output that was cut off is completed by up to 4,096 bytes."""
MOST_COST: Final = 600
"""Milliseconds to compile all patterns of a schema."""
TERSE_CHARS: Final = 40

ANY_NAME: Final[Json] = {"type": "string", "pattern": render(ANYTHING)}
TERSE_NAME: Final[Json] = {
    "type": "string",
    "pattern": render(Repeat(Chars(ALL), 0, TERSE_CHARS)),
}


class Writer:
    """Raises `InvalidInput` if the schema is too large, too slow to compile, or allows no value."""

    def __init__(self, shapes: dict[Name, list[Shape]], *, terse: bool) -> None:
        self._shapes = shapes
        self._terse = terse
        self._least: dict[Name, float] = dict.fromkeys(shapes, math.inf)
        self._defs: dict[str, Json] = {}
        self._texts: dict[Text, str] = {}

    def written(self, start: Name) -> Json:
        self._measure()
        if self._least[start] > LARGEST_LEAST:
            raise self._too_large(self._least[start])
        self._check_cost()
        top = self._name(start)
        return {"$ref": f"#/$defs/{top}", "$defs": self._defs}

    @staticmethod
    def _too_large(least: float) -> InvalidInput:
        if math.isinf(least):
            return InvalidInput("no finite value obeys the JSON schema", "response_format")
        return InvalidInput(
            f"the smallest value that obeys the JSON schema may have at most {LARGEST_LEAST:,}"
            " characters",
            "response_format",
        )

    def _measure(self) -> None:
        """Computes the length of the smallest value of each shape, as a fixed point."""
        changed = True
        while changed:
            changed = False
            for name, shapes in self._shapes.items():
                least = min(map(self._size, shapes), default=math.inf)
                if least < self._least[name]:
                    self._least[name], changed = least, True

    def _size(self, shape: Shape) -> float:
        match shape:
            case Literal(values):
                return min(map(len, values))
            case Text():
                return 2 + shape.least
            case Plain():
                return shape.least
            case List(first, others, least, _):
                rest = max(least - len(first), 0)
                each = 1 + self._least[others] if others is not None else math.inf
                return (
                    2
                    + sum(1 + self._least[name] for name in first[:least])
                    + (rest * each if rest else 0)
                )
            case Record(fields):
                return 2 + sum(
                    4 + len(key) + self._least[name] for key, name, must in fields if must
                )
            case Map(values, least, _):
                return 2 + (4 + self._least[values] if least else 0)

    def _check_cost(self) -> None:
        """Shortens strings whose limit the caller did not set, then refuses what is still too slow."""
        texts = {
            shape for shapes in self._shapes.values() for shape in shapes if isinstance(shape, Text)
        }
        fixed = sum(self._cost(text) for text in texts if not text.open)
        open_ones = [text for text in texts if text.open]
        floor = sum(self._cost(_shortened(text, text.least)) for text in open_ones)
        spare = MOST_COST - fixed - floor
        if spare < 0:
            raise InvalidInput(
                "the patterns and lengths in a JSON schema may count fewer repeats in all",
                "response_format",
            )
        share = affordable(spare / max(len(open_ones), 1))
        for text in texts:
            drawn = _shortened(text, text.least + share) if text.open else text
            self._texts[text] = render(drawn.node)

    @staticmethod
    def _cost(text: Text) -> float:
        return cost(text.node) * text.weight

    def _name(self, name: Name) -> str:
        key = f"s{name}"
        if key not in self._defs:
            self._defs[key] = True
            kept = [shape for shape in self._shapes[name] if not math.isinf(self._size(shape))]
            choices = [self._written(shape) for shape in kept]
            self._defs[key] = choices[0] if len(choices) == 1 else {"anyOf": choices}
        return key

    def _ref(self, name: Name) -> Json:
        return {"$ref": f"#/$defs/{self._name(name)}"}

    def _written(self, shape: Shape) -> Json:
        match shape:
            case Literal(values):
                known = {identity(value): value for value in map(json.loads, values)}
                return {"enum": list(known.values())}
            case Text():
                return self._written_text(shape)
            case Plain(schema):
                return cast(Json, json.loads(schema))
            case List():
                return self._written_list(shape)
            case Record(fields):
                return self._written_record(fields)
            case Map(values, least, most):
                if math.isinf(self._least[values]) or not most:
                    return {"type": "object", "properties": {}, "additionalProperties": False}
                counts: Schema = {"propertyNames": TERSE_NAME if self._terse else ANY_NAME}
                if least:
                    counts["minProperties"] = least
                if not math.isinf(most):
                    counts["maxProperties"] = int(most)
                return {"type": "object", "additionalProperties": self._ref(values)} | counts

    def _written_text(self, text: Text) -> Json:
        key = f"t{list(self._texts).index(text)}"
        self._defs[key] = {"type": "string", "pattern": self._texts[text]}
        return {"$ref": f"#/$defs/{key}"}

    def _written_list(self, shape: List) -> Json:
        fits = [name for name in shape.first if not math.isinf(self._least[name])]
        whole = len(fits) == len(shape.first)
        first = shape.first if whole else shape.first[: _leading(shape.first, self._least)]
        others = shape.others if whole else None
        written: Schema = {"type": "array", "minItems": shape.least}
        if first:
            written["prefixItems"] = [self._ref(name) for name in first]
        if others is None or math.isinf(self._least[others]):
            written |= {"items": False, "maxItems": len(first)}
        else:
            written["items"] = self._ref(others)
        if not math.isinf(shape.most):
            most = min(int(shape.most), cast(int, written.get("maxItems", shape.most)))
            written["maxItems"] = most
            written["prefixItems"] = written.get("prefixItems", [])[:most]  # type: ignore[index]
        if not written.get("prefixItems"):
            written.pop("prefixItems", None)
        return written

    def _written_record(self, fields: tuple[tuple[str, Name, bool], ...]) -> Json:
        kept = [
            (key, name, must) for key, name, must in fields if not math.isinf(self._least[name])
        ]
        return {
            "type": "object",
            "properties": {key: self._ref(name) for key, name, _ in kept},
            "required": [key for key, _, must in kept if must],
            "additionalProperties": False,
        }


def _leading(names: tuple[Name, ...], least: dict[Name, float]) -> int:
    """The number of leading names that have a value."""
    return next((at for at, name in enumerate(names) if math.isinf(least[name])), len(names))


def _shortened(text: Text, most: int) -> Text:
    node = limit_length(text.node, text.least, max(most, text.least)) or text.node
    return Text(node, text.weight, text.open, text.least)
