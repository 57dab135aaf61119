"""What a part of a JSON schema allows, as shapes that name each other by numbers."""

from dataclasses import dataclass

from genai.llms.json_schema.patterns import Node

Name = int


@dataclass(frozen=True, slots=True)
class Literal:
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    node: Node
    weight: float = 1.0
    open: bool = False
    """Its limit is ours or far away: it may be drawn in further."""
    least: int = 0


@dataclass(frozen=True, slots=True)
class Plain:
    """A part that needs no more than its schema."""

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
    """Name, what it holds, and whether it must be there."""


@dataclass(frozen=True, slots=True)
class Table:
    """Any names, with values of one kind."""

    values: Name
    least: int
    most: float


Shape = Literal | Text | Plain | List | Record | Table
