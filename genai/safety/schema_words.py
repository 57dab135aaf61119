"""The literal strings of a JSON schema: its author knows them, so they need no redaction."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LONGEST: Final = 32_768


def words_in(schemas: Iterable[str]) -> frozenset[str]:
    """Property names and values, as JSON spells them; none if it is not a schema."""
    return frozenset(word for schema in schemas for word in _words(_parsed(schema)))


def _parsed(schema: str) -> Any:
    if len(schema) > LONGEST:
        return None
    try:
        return json.loads(schema)
    except (ValueError, RecursionError):
        return None


def _words(schema: Any) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            for key, value in each.items():
                yield from _spelt([key])
                if key in ("enum", "const", "required", *NUMBERS):
                    yield from _spelt([value])
                waiting.append(value)


def _spelt(values: list[Any]) -> Iterator[str]:
    while values:
        value = values.pop()
        if isinstance(value, list):
            values.extend(value)
        elif isinstance(value, dict):
            values.extend((*value, *value.values()))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            spelt = json.dumps(value, ensure_ascii=False)
            yield spelt[1:-1] if isinstance(value, str) else spelt
