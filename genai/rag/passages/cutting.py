"""Splits text that is too long for a passage, at the best possible place."""

import re
from collections.abc import Callable, Iterator, Sequence

from genai.base.prompt import CHARACTERS_PER_TOKEN, estimate_tokens
from genai.rag.passages.markdown import TextSpan, sentences, trim

_LOOSE_END = re.compile(r"[.!?;:](?=\s)")
"""Ends a sentence or a part of one, even if the next begins in lower case."""


def cut(text: str, span: TextSpan, limit: int) -> list[TextSpan]:
    """Splits the span into parts of at most ``limit`` tokens: at sentences, within a long one at
    semicolons and the like, and within those at words.
    """
    return list(_cut(text, span, limit, (sentences, _loose)))


def _cut(
    text: str, span: TextSpan, limit: int, ways: Sequence[Callable[[str, TextSpan], list[TextSpan]]]
) -> Iterator[TextSpan]:
    if estimate_tokens(text[span.start : span.end]) <= limit:
        yield span
    elif ways:
        for part in ways[0](text, span):
            yield from _cut(text, part, limit, ways[1:])
    else:
        yield from _words(text, span, limit)


def _loose(text: str, span: TextSpan) -> list[TextSpan]:
    ends = [match.end() for match in _LOOSE_END.finditer(text, span.start, span.end)]
    found = [
        trim(text, start, end)
        for start, end in zip((span.start, *ends), (*ends, span.end), strict=True)
    ]
    return [part for part in found if part.start < part.end]


def _words(text: str, span: TextSpan, limit: int) -> Iterator[TextSpan]:
    """A text without white space is cut at any character."""
    start = span.start
    while start < span.end:
        end = _fitting(text, start, span.end, limit)
        part = trim(text, start, end)
        if part.start < part.end:
            yield part
        start = end


def _fitting(text: str, start: int, end: int, limit: int) -> int:
    """The end of the longest run of words that fits."""
    low, high = start + 1, min(end, start + int(limit * CHARACTERS_PER_TOKEN) + 1)
    while low < high:
        middle = (low + high + 1) // 2
        fits = estimate_tokens(text[start:middle]) <= limit
        low, high = (middle, high) if fits else (low, middle - 1)
    if low == end:
        return end
    space = max(text.rfind(" ", start + 1, low + 1), text.rfind("\n", start + 1, low + 1))
    return space if space > start else low
