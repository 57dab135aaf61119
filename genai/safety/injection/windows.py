"""Cuts a long text into overlapping windows of a few sentences, so that a short attack stands out."""

import re
from collections.abc import Iterator

SIZE = 300
"""Maximum characters of a window: some sixty tokens."""

_OVERLAP = 120
_LONGEST = 240
_SENTENCE = re.compile(rf"[^.!?\n]{{0,{_LONGEST}}}[.!?\n]{{0,8}}[^\S\n]{{0,8}}")


def windows(text: str) -> list[tuple[int, int]]:
    """The span of each window, at least one; none is longer than `SIZE`."""
    parts = list(_sentences(text))
    found: list[tuple[int, int]] = []
    first = 0
    while first < len(parts):
        start, end = parts[first]
        last = first
        while last + 1 < len(parts) and parts[last + 1][1] - start <= SIZE:
            last += 1
            end = parts[last][1]
        found.append((start, end))
        if last + 1 == len(parts):
            break
        before, first = first, last + 1
        while first - 1 > before and end - parts[first - 1][0] <= _OVERLAP:
            first -= 1
    return found or [(0, 0)]


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """The span of each sentence; a very long one is split between words."""
    start = 0
    while start < len(text):
        match = _SENTENCE.match(text, start)
        end = max(match.end() if match else 0, start + 1)
        if end - start >= _LONGEST and end < len(text):
            space = text.rfind(" ", start + _LONGEST // 2, end)
            end = space + 1 if space > 0 else end
        yield start, end
        start = end
