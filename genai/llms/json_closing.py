"""Completes JSON that was cut off, so that it is valid and obeys its schema."""

import functools

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
        added = bytearray()
        inside = _in_string(begun)
        for _ in range(MOST_BYTES):
            byte = _next_byte(matcher, inside)
            if byte == STOP:
                return added.decode(errors="replace")
            matcher.accept_token(byte)
            added.append(byte)
            inside = inside != (byte == ord('"'))
        return None


@functools.cache
def closer() -> JSONCloser:
    """The process's own, made when it is first needed."""
    return JSONCloser()


def _in_string(begun: str) -> bool:
    inside = escaped = False
    for character in begun:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = inside
        elif character == '"':
            inside = not inside
    return inside


def _next_byte(matcher: xgrammar.GrammarMatcher, inside: bool) -> int:
    bitmask = xgrammar.allocate_token_bitmask(1, STOP + 1)
    matcher.fill_next_token_bitmask(bitmask)
    allowed = _set_bits(bitmask)
    if STOP in allowed:
        return STOP
    for byte in IN_STRING if inside else ELSEWHERE:
        if byte in allowed:
            return byte
    return min(allowed, key=lambda byte: (byte <= 0x20 or byte >= 0x7F, byte), default=STOP)


def _set_bits(bitmask: torch.Tensor) -> set[int]:
    words: list[int] = bitmask[0].tolist()
    return {bit for bit in range(STOP + 1) if words[bit // 32] >> (bit % 32) & 1}
