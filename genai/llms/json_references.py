"""References within a JSON schema: each must lead to a part of it, and not only to other references."""

from genai.errors import InvalidInput
from genai.llms.json_example import Json
from genai.llms.json_limits import NAMED, VALUES


def check_references(schema: Json) -> None:
    """Raise `InvalidInput` for a reference of which no grammar can be made."""
    for reference in _references(schema):
        _follow(reference, schema)


def _references(schema: Json, *, names: bool = False) -> list[Json]:
    if isinstance(schema, list):
        return [found for each in schema for found in _references(each)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"]] if "$ref" in schema and not names else []
    within = (
        found
        for key, value in schema.items()
        if names or key not in VALUES
        for found in _references(value, names=not names and key in NAMED)
    )
    return [*own, *within]


def _follow(reference: Json, root: Json) -> None:
    passed: set[str] = set()
    while isinstance(reference, str):
        if reference in passed:
            raise _refused("leads only to itself")
        passed.add(reference)
        target = _target(reference, root)
        if not isinstance(target, dict | bool):
            raise _refused("does not lead to a part of the schema")
        if not isinstance(target, dict) or "$ref" not in target:
            return
        reference = target["$ref"]
    raise _refused("must be a string")


def _target(reference: str, root: Json) -> Json:
    start, *steps = reference.split("/")
    found = root if start == "#" else None
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal():
            found = dict(enumerate(found)).get(int(name))
        else:
            return None
    return found


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"in a JSON schema, a $ref {why}", "response_format")
