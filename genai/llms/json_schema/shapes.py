"""Shapes: what a subschema allows. They refer to each other by number, so they may be recursive."""

from dataclasses import dataclass

from genai.llms.json_schema.patterns.tree import Node

Name = int


@dataclass(frozen=True, slots=True)
class Literal:
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    node: Node
    weight: float = 1.0
    open: bool = False
    """The caller set no limit, so the text may be shortened further."""
    least: int = 0


@dataclass(frozen=True, slots=True)
class Plain:
    """A subschema that is passed on as it is."""

    schema: str
    least: int


@dataclass(frozen=True, slots=True)
class List:
    first: tuple[Name, ...]
    others: Name | None
    least: int
    most: float


@dataclass(frozen=True, slots=True)
class Record:
    fields: tuple[tuple[str, Name, bool], ...]
    """Key, shape of the value, and whether it is required."""


@dataclass(frozen=True, slots=True)
class Map:
    """An object with arbitrary keys and values of one shape."""

    values: Name
    least: int
    most: float


Shape = Literal | Text | Plain | List | Record | Map
