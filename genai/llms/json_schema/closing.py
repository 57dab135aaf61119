"""Completes JSON that was cut off, so that it is valid and obeys its schema."""

import functools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
import xgrammar

from genai.llms.json_schema.patterns.completion import shortest_completion
from genai.llms.json_schema.patterns.rendering import parse_rendered
from genai.llms.json_schema.patterns.tree import Node

STOP = 256
"""The token after the 256 bytes."""

MAX_BYTES = 4096
TRIES = 12

CLOSING = b'}],:0"ntf-123456789'
"""The bytes that end a value soonest, in order of preference; lists and objects come last."""
OPENING = b"[{"


class JSONCompleter:
    """Extends a text byte by byte with what the schema allows, along a short way to its end.

    Takes schemas from `enforceable_schema`, whose patterns match the text between the quotes.
    """

    def __init__(self) -> None:
        vocabulary = [bytes([byte]) for byte in range(256)] + [b"</s>"]
        info = xgrammar.TokenizerInfo(vocabulary, stop_token_ids=[STOP])
        self._compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_limit_bytes=2**24)

    def completion(self, schema: str, prefix: str) -> str | None:
        """The text to append; `None` if no completion is found."""
        grammar = self._compiler.compile_json_schema(
            schema, any_whitespace=False, separators=(",", ":")
        )
        patterns = tuple(_patterns(json.loads(schema)))
        for choose in _strategies():
            matcher = xgrammar.GrammarMatcher(grammar)
            if not matcher.accept_string(prefix):
                return None
            if (added := _completion(matcher, prefix, patterns, choose)) is not None:
                return added
        return None


Choose = Callable[[list[int]], int]


def _strategies() -> Iterator[Choose]:
    """Ways to choose the next letter. Of a recursive schema, some would never end."""
    yield min
    yield max
    for seed in range(TRIES):
        yield random.Random(seed).choice  # noqa: S311  not for secrets


def _completion(
    matcher: xgrammar.GrammarMatcher, prefix: str, patterns: tuple[Node, ...], choose: Choose
) -> str | None:
    state = StringState()
    for character in prefix:
        state.advance(character)
    added = bytearray()
    while len(added) < MAX_BYTES:
        piece = _rest_of_string(matcher, state, patterns) if state.in_string else None
        if piece is None:
            byte = _next_byte(matcher, state, choose)
            if byte == STOP:
                return added.decode(errors="replace")
            matcher.accept_token(byte)
            state.advance(chr(byte))
            added.append(byte)
        else:
            for character in piece:
                state.advance(character)
            added += piece.encode()
    return None


def _rest_of_string(
    matcher: xgrammar.GrammarMatcher, state: "StringState", patterns: tuple[Node, ...]
) -> str | None:
    """The rest of a string that a quote alone cannot end, accepted by the matcher."""
    if STOP in (allowed := _allowed(matcher)) or ord('"') in allowed:
        return None
    rests = {
        rest for node in patterns if (rest := shortest_completion(node, state.text)) is not None
    }
    for rest in sorted(rests, key=lambda each: (len(each), each)):
        if matcher.accept_string(f'{rest}"'):
            return f'{rest}"'
    return None


@dataclass(slots=True)
class StringState:
    """Whether a position in a JSON text is within a string, and the string so far."""

    in_string: bool = False
    escaped: bool = False
    text: str = ""

    def advance(self, character: str) -> None:
        if self.escaped:
            self.escaped = False
            self.text += character
        elif character == '"':
            self.in_string = not self.in_string
            self.text = ""
        else:
            self.escaped = self.in_string and character == "\\"
            self.text += character if self.in_string else ""


@functools.cache
def completer() -> JSONCompleter:
    """Shared by the process, created on first use."""
    return JSONCompleter()


def _patterns(schema: Any) -> Iterator[Node]:
    if isinstance(schema, dict):
        if isinstance(pattern := schema.get("pattern"), str):
            yield parse_rendered(pattern)
        for key, value in schema.items():
            if key != "enum" or isinstance(value, dict):
                yield from _patterns(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from _patterns(each)


def _next_byte(matcher: xgrammar.GrammarMatcher, state: StringState, choose: Choose) -> int:
    allowed = _allowed(matcher)
    if STOP in allowed or not allowed:
        return STOP
    for byte in b'"' if state.in_string else CLOSING:
        if byte in allowed:
            return byte
    printable = [byte for byte in sorted(allowed) if 0x20 < byte < 0x7F and byte not in OPENING]
    return choose(printable or sorted(allowed))


def _allowed(matcher: xgrammar.GrammarMatcher) -> set[int]:
    bitmask = xgrammar.allocate_token_bitmask(1, STOP + 1)
    matcher.fill_next_token_bitmask(bitmask)
    return _set_bits(bitmask)


def _set_bits(bitmask: torch.Tensor) -> set[int]:
    words: list[int] = bitmask[0].tolist()
    return {bit for bit in range(STOP + 1) if words[bit // 32] >> (bit % 32) & 1}
