"""Finds arguments that a statement tool uses and does not declare, or declares and does not use."""

import re
from collections.abc import Collection, Iterator, Mapping
from string import Formatter
from typing import Final

from genai.settings.known_names import hint

_PARAMETER: Final = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|(?<!\w)[:@$](\w+)""", re.DOTALL
)
"""A parameter, or a text, quoted name or comment, where it would not be one."""


def mistakes_in(queries: Mapping[str, str], done: str, arguments: Collection[str]) -> Iterator[str]:
    """Each mistake with its key. ``queries`` are the SQL texts by theirs."""
    used: set[str] = set()
    for key, query in queries.items():
        named = _parameters(query)
        used.update(named)
        for name in named:
            if name not in arguments:
                yield f"{key}: :{name} is not an argument{hint(name, arguments)}"
    for name in arguments:
        if name not in used:
            yield f"arguments: {name} is used by no statement{hint(name, used)}"
    yield from _mistakes_in_reply(done, arguments)


def _parameters(query: str) -> list[str]:
    return list(dict.fromkeys(name for name in _PARAMETER.findall(query) if name))


def _mistakes_in_reply(done: str, arguments: Collection[str]) -> Iterator[str]:
    try:
        fields = list(Formatter().parse(done))
    except ValueError as error:
        yield f"done: {error}"
        return
    for _, name, form, conversion in fields:
        if name is None:
            continue
        if name not in arguments:
            yield f"done: {{{name}}} is not an argument{hint(name, arguments)}"
        elif form or conversion:
            yield f"done: {{{name}}} takes no format"
