"""Finds the field of a body that a caller meant by an unknown name.

Only known names are told. The unknown one could be a secret that stands in the wrong place.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel

Step = int | str
Schema = dict[str, Any]

LONGEST = 64
"""Characters; longer names resemble nothing."""


class KnownFields:
    """The fields of a model and of those in it, by the names that callers use."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._root = model.model_json_schema()
        self._parts = self._root.get("$defs", {})
        named = [self._root, *self._parts.values()]
        self._names = frozenset(name for part in named for name in part.get("properties", {}))

    def place(self, location: Sequence[Step]) -> str | None:
        """The dotted path as far as it consists of known names; None for the body itself."""
        return ".".join(str(p) for p in location if isinstance(p, int) or p in self._names) or None

    def at(self, location: Sequence[Step]) -> list[str]:
        """The names of the fields at that place."""
        return list(dict.fromkeys(name for part in self._at(location) for name in _fields(part)))

    def meant(self, location: Sequence[Step], name: str) -> str | None:
        """The dotted path of the field that ``name`` resembles: one at that place, or one within those."""
        if len(name) > LONGEST:
            return None
        here = self.at(location)
        inner = {each: f"{field}.{each}" for field in here for each in self.at([*location, field])}
        for paths in ({field: field for field in here}, inner):
            if near := get_close_matches(name.lower(), paths, n=1, cutoff=0.75):
                return paths[near[0]]
        return None

    def _at(self, location: Sequence[Step]) -> list[Schema]:
        found = list(self._objects(self._root))
        for step in location:
            if isinstance(step, int):
                below = [part["items"] for part in found if "items" in part]
            else:
                below = [_fields(part)[step] for part in found if step in _fields(part)]
            if below:  # otherwise the step is the name of a member of a union
                found = [part for schema in below for part in self._objects(schema)]
        return found

    def _objects(self, schema: Schema) -> Iterator[Schema]:
        """The schema, or those that it refers to or chooses from."""
        if "$ref" in schema:
            yield from self._objects(self._parts[schema["$ref"].rpartition("/")[2]])
        elif choices := schema.get("anyOf") or schema.get("oneOf"):
            for choice in choices:
                yield from self._objects(choice)
        else:
            yield schema


def _fields(schema: Schema) -> Schema:
    fields: Schema = schema.get("properties", {})
    return fields


@cache
def known_fields(model: type[BaseModel]) -> KnownFields:
    return KnownFields(model)
