"""Completes a text that was cut off, in the shortest way that the pattern allows."""

from collections.abc import Iterator
from typing import Final

from genai.llms.json_schema.patterns.tree import (
    EMPTY,
    Chars,
    Choice,
    Node,
    Repeat,
    Sequence,
    contains,
    lengths,
)

MAX_STEPS: Final = 100_000
"""Derivatives that are taken before giving up; most patterns need one per character."""
PREFERRED: Final = tuple(map(ord, "0aA"))
"""Characters that a completion uses where it has the choice."""


def shortest_completion(node: Node, begun: str) -> str | None:
    """The shortest text that, after ``begun``, gives a match; `None` if there is none.

    Follows the pattern with Brzozowski derivatives: after each character, the trees of what may come.
    """
    left: dict[Node, None] = {node: None}
    steps = 0
    for character in begun:
        code = ord(character)
        found = [after for each in left for after in _derivatives(each, code)]
        left = dict.fromkeys(found)
        steps += len(found)
        if steps > MAX_STEPS:
            return None
    return min(map(_shortest, left), key=len, default=None)


def _derivatives(node: Node, code: int) -> Iterator[Node]:
    """The trees of what may follow once the node has matched the character."""
    match node:
        case Chars(ranges):
            if contains(code, ranges):
                yield EMPTY
        case Choice(parts):
            for part in parts:
                yield from _derivatives(part, code)
        case Sequence(parts):
            for index, part in enumerate(parts):
                rest = parts[index + 1 :]
                yield from (_joined(after, rest) for after in _derivatives(part, code))
                if lengths(part)[0] > 0:
                    return
        case Repeat(part, least, most):
            if most > 0:
                rest = (Repeat(part, max(least - 1, 0), most - 1),)
                yield from (_joined(after, rest) for after in _derivatives(part, code))


def _joined(first: Node, rest: tuple[Node, ...]) -> Node:
    parts = (*first.parts, *rest) if isinstance(first, Sequence) else (first, *rest)
    return parts[0] if len(parts) == 1 else Sequence(parts)


def _shortest(node: Node) -> str:
    match node:
        case Chars(ranges):
            preferred = (code for code in PREFERRED if contains(code, ranges))
            return chr(next(preferred, ranges[0][0]))
        case Sequence(parts):
            return "".join(map(_shortest, parts))
        case Choice(parts):
            return min(map(_shortest, parts), key=len)
        case Repeat(part, least, _):
            return _shortest(part) * least
