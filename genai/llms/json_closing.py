"""Completes JSON that was cut off, so that it is valid and obeys its schema."""

import functools
from dataclasses import dataclass

import torch
import xgrammar

STOP = 256
"""The token after the 256 bytes."""

MOST_BYTES = 4096

IN_STRING = b'"0aA'
ELSEWHERE = b'}],:0"n'
"""What ends a value soonest, in order of preference."""


class JSONCloser:
    """Knows, byte by byte, what a schema allows next, and takes the shortest way to the end."""

    def __init__(self) -> None:
        vocabulary = [bytes([byte]) for byte in range(256)] + [b"</s>"]
        info = xgrammar.TokenizerInfo(vocabulary, stop_token_ids=[STOP])
        self._compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_limit_bytes=2**24)

    def missing(self, schema: str, begun: str) -> str | None:
        """What completes the text; nothing when no completion is found."""
        grammar = self._compiler.compile_json_schema(
            schema, any_whitespace=False, separators=(",", ":")
        )
        matcher = xgrammar.GrammarMatcher(grammar)
        if not matcher.accept_string(begun):
            return None
        place = Place()
        for character in begun:
            place.pass_over(character)
        added = bytearray()
        for _ in range(MOST_BYTES):
            byte = _next_byte(matcher, place)
            if byte == STOP:
                return added.decode(errors="replace")
            matcher.accept_token(byte)
            place.pass_over(chr(byte))
            added.append(byte)
        return None


@dataclass(slots=True)
class Place:
    """Where in a JSON text we are, as far as quotes go."""

    in_string: bool = False
    escaped: bool = False

    def pass_over(self, character: str) -> None:
        if self.escaped:
            self.escaped = False
        elif character == "\\":
            self.escaped = self.in_string
        elif character == '"':
            self.in_string = not self.in_string


@functools.cache
def closer() -> JSONCloser:
    """The process's own, made when it is first needed."""
    return JSONCloser()


def _next_byte(matcher: xgrammar.GrammarMatcher, place: Place) -> int:
    bitmask = xgrammar.allocate_token_bitmask(1, STOP + 1)
    matcher.fill_next_token_bitmask(bitmask)
    allowed = _set_bits(bitmask)
    if STOP in allowed:
        return STOP
    for byte in IN_STRING if place.in_string else ELSEWHERE:
        if byte in allowed:
            return byte
    return min(allowed, key=lambda byte: (byte <= 0x20 or byte >= 0x7F, byte), default=STOP)


def _set_bits(bitmask: torch.Tensor) -> set[int]:
    words: list[int] = bitmask[0].tolist()
    return {bit for bit in range(STOP + 1) if words[bit // 32] >> (bit % 32) & 1}
