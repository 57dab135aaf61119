"""What a grammar allows is valid by the schema of the caller, or the schema is refused."""

import datetime
import decimal
import enum
import json
import random
import uuid
from typing import Annotated, Any, Literal, Optional

import jsonschema
import pytest
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, EmailStr, Field, HttpUrl, StringConstraints

pytest.importorskip("xgrammar")

from genai.errors import InvalidInput
from genai.llms.json_schema.closing import completer
from genai.llms.json_schema.grammar import enforceable_schema
from tests.support.json_schemas import SchemaMaker, compiler, sampled

FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def having(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def check(schema: Any, kept: str, seed: int, count: int = 5) -> int:
    """Random texts obey, whole and cut; how many there were."""
    chance = random.Random(seed)
    validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
    texts = [text for _ in range(count) if (text := sampled(kept, chance)) is not None]
    for text in texts:
        validator.validate(json.loads(text))
        begun = text[: chance.randrange(len(text) + 1)]
        missing = completer().completion(kept, begun)
        assert missing is not None
        validator.validate(json.loads(begun + missing))
    return len(texts)


@pytest.mark.parametrize("seeds", [range(at, at + 40) for at in range(0, 200, 40)], ids=str)
def test_random_texts_of_random_schemas_obey_them(seeds: range) -> None:
    checked = 0
    for seed in seeds:
        schema = SchemaMaker(seed).document()
        try:
            kept = enforceable_schema(json.dumps(schema), terse=seed % 2 == 0)
        except InvalidInput:
            continue
        checked += check(schema, kept, seed)

    assert checked > len(seeds)


class Colour(enum.Enum):
    red = "red"
    blue = "blue"


class Address(BaseModel):
    street: str
    code: Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
    country: Literal["DE", "FR"] = "DE"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Tree(BaseModel):
    value: int
    parts: list["Tree"] = []
    next: Optional["Tree"] = None


class Order(BaseModel):
    url: HttpUrl
    price: decimal.Decimal
    pair: tuple[int, str]
    note: str | None
    address: Address = Field(description="where it goes")
    counts: dict[str, int]
    shades: dict[Colour, int]
    day: datetime.date
    at: datetime.datetime
    hour: datetime.time
    span: datetime.timedelta
    id: uuid.UUID
    mail: EmailStr
    colour: Colour
    share: Annotated[float, Field(gt=0, lt=1)]
    tens: Annotated[int, Field(multiple_of=10, ge=0, le=100)]
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    tree: Tree


@pytest.mark.parametrize("model", [Order, Address, Tree])
@pytest.mark.parametrize("terse", [False, True])
def test_models_of_pydantic_are_kept_as_they_are_and_as_the_sdk_sends_them(
    model: type[BaseModel], terse: bool
) -> None:
    for schema in (model.model_json_schema(), to_strict_json_schema(model)):
        kept = enforceable_schema(json.dumps(schema), terse=terse)

        assert check(schema, kept, seed=7) > 0


def looped(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "$defs": {"a": {kind: [{"$ref": "#/$defs/a"}]} | more},
        **having(x={"$ref": "#/$defs/a"}),
    }


REFUSED: list[tuple[Any, str]] = [
    (having(a={"type": "number", "minimum": 1e-9, "maximum": 2e-9}), "minimum"),
    (having(a={"anyOf": []}), "anyOf"),
    (having(a={"type": []}), "type"),
    (having(a={"type": "strin"}), "type"),
    (having(a={"type": "string", "maxLength": 2.5}), "maxLength"),
    (having(a={"type": "string", "pattern": "^(?!a)[a-z]+$"}), "pattern looks ahead"),
    (having(a={"type": "string", "pattern": r"^(\w)\1$"}), "pattern refers"),
    (having(a={"type": "string", "pattern": "("}), "pattern is none"),
    (having(a={"type": "string", "pattern": "^2", "format": "date"}), "pattern"),
    (having(a={"type": "string", "not": {"enum": ["a"]}}), "not is not"),
    (having(a=TEXT) | {"if": {}, "then": {"required": ["b"]}}, "if is not"),
    (having(a=TEXT) | {"dependentRequired": {"a": ["b"]}}, "dependentRequired"),
    (having(a=TEXT) | {"dependentSchemas": {"a": {}}}, "dependentSchemas"),
    ({"type": "object", "patternProperties": {"^x": NUMBER}}, "patternProperties"),
    ({"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}}, "propertyNames"),
    (having(a={"type": "array", "contains": {"const": 5}}), "contains"),
    (having(a={"type": "array", "uniqueItems": True}), "uniqueItems"),
    (having(a={"$dynamicRef": "#n"}), r"\$dynamicRef"),
    (having(a={"oneOf": [{"type": "integer"}, {"type": "number"}]}), "oneOf"),
    (having(a={"type": "integer", "multipleOf": 0.5}), "multipleOf"),
    (having(a=TEXT) | {"minProperties": 2, "maxProperties": 1}, "minProperties"),
    (having(a=TEXT) | {"minProperties": 2}, "minProperties"),
    (looped("anyOf"), "leads only to itself"),
    (looped("allOf"), "leads only to itself"),
]


@pytest.mark.parametrize(("schema", "named"), REFUSED, ids=str)
def test_what_no_grammar_keeps_is_refused_by_its_keyword(schema: Any, named: str) -> None:
    with pytest.raises(InvalidInput, match=rf"in a JSON schema, .*{named}"):
        enforceable_schema(json.dumps(schema), terse=False)


@pytest.mark.parametrize(
    "schema",
    [
        having(next={"$ref": "#"}),
        {"$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}, "minItems": 1}}}
        | having(x={"$ref": "#/$defs/a"}),
        having(a={"type": "string", "minLength": 5, "maxLength": 3}),
        having(a={"type": "integer", "minimum": 5, "maximum": 3}),
        having(a={"type": "string", "const": 5}),
        having(a=TEXT) | {"required": ["b"], "additionalProperties": False},
        {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 1},
    ],
    ids=str,
)
def test_a_schema_that_no_finite_value_obeys_is_refused(schema: Any) -> None:
    with pytest.raises(InvalidInput, match="no finite value"):
        enforceable_schema(json.dumps(schema), terse=True)


MERGED: list[Any] = [
    having(a={"type": "number", "exclusiveMinimum": -0.507838, "exclusiveMaximum": -0.507836}),
    having(a=NUMBER) | {"properties": {"a": NUMBER, "b": TEXT, "c": TEXT}, "minProperties": 2},
    having(a=NUMBER) | {"properties": {"a": NUMBER, "b": TEXT, "c": TEXT}, "maxProperties": 2},
    having(a={"type": "string", "anyOf": [{"maxLength": 3}, {"minLength": 20}]}),
    {
        "type": "object",
        "properties": {"a": NUMBER, "b": NUMBER},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    having(a=NUMBER) | {"allOf": [having(b=TEXT)]},
    having(a={"type": "integer", "allOf": [{"minimum": 500}, {"maximum": 505}]}),
    {"$defs": {"s": having(x=NUMBER)}, "$ref": "#/$defs/s", **having(y=TEXT)},
    {"$defs": {"s": TEXT}, **having(a={"$ref": "#/$defs/s", "maxLength": 2})},
    having(a=NUMBER) | {"required": ["a", "b"]},
    {"required": ["k"]},
    having(a={"minimum": 3}),
    having(a={"type": "integer", "enum": ["a", 1]}),
    {"oneOf": [having(a=NUMBER), having(b=TEXT)]},
    having(a={"type": "string", "pattern": '^"[a-z]\\\\\t$'}),
    having(a={"type": "string", "pattern": "^[a-z]+$", "minLength": 5, "maxLength": 6}),
    having(a={"anyOf": [NUMBER, {"type": "string", "pattern": "(?!a)b"}]}),
    having(a={"type": "string", "minLength": 300, "maxLength": 310}),
]


@pytest.mark.parametrize("schema", MERGED, ids=str)
@pytest.mark.parametrize("terse", [False, True])
def test_what_stands_side_by_side_is_taken_together(schema: Any, terse: bool) -> None:
    assert check(schema, enforceable_schema(json.dumps(schema), terse=terse), seed=3) > 0


@pytest.mark.parametrize(
    "schema",
    [
        *({"type": "string", "format": name} for name in ("email", "uri", "duration", "date-time")),
        {"type": "string", "pattern": r"^\S+@\S+$"},
        {"type": "string", "pattern": "x$"},
        {"type": ["string", "number", "boolean"]},
        {},
    ],
    ids=str,
)
def test_terse_leaves_no_text_without_an_end(schema: Any) -> None:
    kept = enforceable_schema(json.dumps(having(a=schema)), terse=True)

    for seed in range(20):
        assert sampled(kept, random.Random(seed), most=600) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "^([a-zA-Z]{0,100}){0,20}$",
        "^([a-z]{0,2}){0,100}$",
        "^" + "[a-z]{0,20}" * 20 + "$",
        "^" + ".{0,100}" * 19 + "$",
    ],
)
def test_a_pattern_that_costs_seconds_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="fewer repeats in all"):
        enforceable_schema(json.dumps({"type": "string", "pattern": pattern}), terse=False)


def test_patterns_are_counted_over_the_whole_schema() -> None:
    many = {f"p{n}": {"type": "string", "pattern": f"^[a-z ]{{{n + 20}}}$"} for n in range(20)}

    enforceable_schema(json.dumps(having(p0=many["p0"], p1=many["p1"])), terse=False)
    with pytest.raises(InvalidInput, match="fewer repeats in all"):
        enforceable_schema(json.dumps(having(**many)), terse=False)


def test_many_texts_of_limited_length_share_what_a_schema_may_cost() -> None:
    many = {f"p{n}": {"type": "string", "maxLength": 200 + n} for n in range(40)}
    schema = having(**many)

    assert check(schema, enforceable_schema(json.dumps(schema), terse=False), seed=1, count=1) == 1


def test_a_value_that_must_be_long_is_refused_before_a_token_is_spent() -> None:
    with pytest.raises(InvalidInput, match=r"at most 3,000 characters"):
        enforceable_schema(
            json.dumps({"type": "array", "items": NUMBER, "minItems": 9000}), terse=True
        )


def test_what_the_caller_wrote_is_not_repeated_in_an_error() -> None:
    schema = having(secret={"type": "object", "properties": {"secret": {"type": "secret"}}})

    with pytest.raises(InvalidInput) as caught:
        enforceable_schema(json.dumps(schema), terse=False)

    assert "secret" not in str(caught.value)


def test_a_grammar_is_made_of_names_and_values_that_look_like_keywords() -> None:
    names = ("enum", "type", "properties", "const", "required", "pattern", "$ref", "$defs")
    schema = having(**dict.fromkeys(names, NUMBER), value={"const": {"type": "string"}})

    assert check(schema, enforceable_schema(json.dumps(schema), terse=True), seed=2) > 0
    assert compiler()
