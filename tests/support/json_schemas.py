"""Random JSON schemas, and random texts of the grammar that is made of one."""

import functools
import random
from typing import Any

import xgrammar

STOP = 256
PATTERNS = (
    "^[a-z]{2,5}$", "[0-9]+", "^a|b$", r"^\S+@\S+$", '^"x"$', r"^\\[a-z]$", r"^\w{1,3}$",
    "^(a|b)*c?$", "^[^a-c]{2}$", "x$", r"^-?\d+(\.\d{1,2})?$", r"^\s*$", "^.{3,}$", "^\n+$",
    r"^[\W\d]{2}$", "^(ab?|[cd]{2,3})+$", "^(?!a)b$",
)  # fmt: skip
FORMATS = (
    "date", "time", "date-time", "email", "uri", "uuid", "ipv4", "duration", "hostname", "other",
)  # fmt: skip
NAMES = ("a", "b", "c", "kind", 'q"', "e\\", "ü", "enum", "pattern", "$ref")
VALUES: tuple[Any, ...] = (1, 2.0, "a", 'b"', "c\\", None, True, [1], {"x": 1}, "ü\n", 1.5)
REFERENCES = ("#/$defs/d0", "#/$defs/d1", "#/$defs/d2", "#")


class SchemaMaker:
    """Writes schemas as people and attackers do: with references, siblings and contradictions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def document(self) -> dict[str, Any]:
        schema = self._any(3) if self._may(0.5) else self._object(3)
        return {**schema, "$defs": {f"d{n}": self._any(2) for n in range(3)}}

    def _may(self, chance: float) -> bool:
        return self._random.random() < chance

    def _any(self, depth: int) -> dict[str, Any]:
        make = self._random.choices(
            (self._leaf, self._object, self._array, self._choice, self._all, self._reference),
            (45, 20, 10, 10, 7, 8),
        )[0]
        return self._leaf(0) if depth <= 0 else make(depth)

    def _siblings(self, depth: int) -> dict[str, Any]:
        leaf = self._leaf(0) if self._may(0.2) else {}
        return leaf | (self._object(depth - 1) if self._may(0.2) else {})

    def _choice(self, depth: int) -> dict[str, Any]:
        parts = [self._any(depth - 1) for _ in range(self._random.randint(1, 3))]
        return {self._random.choice(("anyOf", "anyOf", "oneOf")): parts, **self._siblings(depth)}

    def _all(self, depth: int) -> dict[str, Any]:
        parts = [self._any(depth - 1) for _ in range(self._random.randint(1, 2))]
        return {"allOf": parts, **self._siblings(depth)}

    def _reference(self, depth: int) -> dict[str, Any]:
        return {"$ref": self._random.choice(REFERENCES), **self._siblings(depth)}

    def _leaf(self, depth: int) -> dict[str, Any]:
        make = self._random.choice((self._text, self._number, self._values, self._types))
        return make()

    def _text(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"} if self._may(0.9) else {}
        if self._may(0.3):
            schema["minLength"] = self._random.randint(0, 9)
        if self._may(0.3):
            schema["maxLength"] = self._random.randint(0, 12)
        if self._may(0.3):
            schema["pattern"] = self._random.choice(PATTERNS)
        if self._may(0.15):
            schema["format"] = self._random.choice(FORMATS)
        return schema

    def _number(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": self._random.choice(("integer", "number"))}
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if self._may(0.25):
                places = self._random.randint(0, 7)
                schema[key] = round(self._random.uniform(-9, 9) * 10 ** (7 - places), places)
        if self._may(0.1):
            schema["multipleOf"] = self._random.choice((1, 2, 7))
        return schema

    def _values(self) -> dict[str, Any]:
        schema: dict[str, Any] = (
            {"enum": self._random.sample(VALUES, self._random.randint(1, 4))}
            if self._may(0.8)
            else {"const": self._random.choice(VALUES)}
        )
        return schema | (
            {"type": self._random.choice(("string", "number"))} if self._may(0.1) else {}
        )

    def _types(self) -> dict[str, Any]:
        names = ("string", "null", "integer", "boolean", "array", "object")
        return {"type": self._random.sample(names, self._random.randint(1, 3))}

    def _object(self, depth: int) -> dict[str, Any]:
        names = self._random.sample(NAMES, self._random.randint(0, 4))
        schema: dict[str, Any] = {"properties": {name: self._any(depth - 1) for name in names}}
        required = [name for name in names if self._may(0.6)]
        if self._may(0.08):
            required.append(self._random.choice(NAMES))
        schema["required"] = list(dict.fromkeys(required))
        if self._may(0.85):
            schema["type"] = "object"
        if self._may(0.3):
            schema["additionalProperties"] = self._random.choice(
                (False, True, self._any(depth - 1))
            )
        for key in ("minProperties", "maxProperties"):
            if self._may(0.1):
                schema[key] = self._random.randint(0, 4)
        if self._may(0.05):
            schema["unevaluatedProperties"] = False
        if self._may(0.05):
            schema["propertyNames"] = {"enum": ["a", "b", "c"]}
        return schema

    def _array(self, depth: int) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "array"}
        if self._may(0.8):
            schema["items"] = self._any(depth - 1)
        if self._may(0.25):
            schema["prefixItems"] = [self._any(depth - 1), self._any(depth - 1)]
        for key in ("minItems", "maxItems"):
            if self._may(0.3):
                schema[key] = self._random.randint(0, 4)
        return schema


@functools.cache
def compiler() -> xgrammar.GrammarCompiler:
    vocabulary = [bytes([byte]) for byte in range(STOP)] + [b"</s>"]
    info = xgrammar.TokenizerInfo(vocabulary, stop_token_ids=[STOP])
    return xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)


def sampled(schema: str, chance: random.Random, most: int = 1200) -> str | None:
    """A random text of the grammar; None if it did not end."""
    grammar = compiler().compile_json_schema(schema, any_whitespace=False, separators=(",", ":"))
    matcher = xgrammar.GrammarMatcher(grammar)
    bitmask = xgrammar.allocate_token_bitmask(1, STOP + 1)
    text = bytearray()
    while len(text) < most:
        matcher.fill_next_token_bitmask(bitmask)
        words = bitmask[0].tolist()
        allowed = [bit for bit in range(STOP + 1) if words[bit // 32] >> (bit % 32) & 1]
        if not allowed or allowed == [STOP] or (STOP in allowed and chance.random() < 0.4):
            return text.decode()
        marks = [byte for byte in b'",]}\\' if byte in allowed]
        bytes_left = [byte for byte in allowed if byte != STOP]
        byte = chance.choice(marks if marks and chance.random() < 0.3 else bytes_left)
        matcher.accept_token(byte)
        text.append(byte)
    return None
