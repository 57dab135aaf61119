"""Finds the keys that a section of the settings takes, to name them when another is given."""

from collections.abc import Collection, Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from genai.settings.known_names import hint


def known_keys(schema: type[BaseModel], section: Sequence[str | int]) -> list[str]:
    """The keys at the place that pydantic calls ``section``: names, indices, and tags of unions."""
    kinds: list[Any] = [schema]
    for step in section:
        kinds = [below for kind in kinds for below in _below(kind, step)]
    models = [kind for kind in kinds if _is_model(kind)]
    return sorted({name for model in models for name in model.model_fields})


def unknown_key(where: str, key: str, known: Collection[str]) -> str:
    """Says that there is no such key, and which there are, the nearest first."""
    return f"{where}{key} is not a setting{hint(key, known)}"


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    """The types one step further. A tag of a union leads to the member that has it."""
    if not _is_model(kind):
        yield from _kinds(get_args(kind)[-1 if get_origin(kind) is dict else 0])
    elif step in kind.model_fields:
        yield from _kinds(kind.model_fields[step].annotation)
    elif any(step in get_args(field.annotation) for field in kind.model_fields.values()):
        yield kind


def _kinds(annotation: Any) -> list[Any]:
    """The members of a union, or the type itself."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kinds(parts[0])
    if origin in (Union, UnionType):
        return [kind for part in parts for kind in _kinds(part)]
    return [annotation] if parts or _is_model(annotation) else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
