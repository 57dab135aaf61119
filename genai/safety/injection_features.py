"""What the classifier sees of a text: hashed words, pairs and triples of them, and parts of words.

The parts of a word depend on nothing around it, so the sum of their weights is remembered by word.
"""

import re
from collections.abc import Iterator
from zlib import crc32

BUCKETS = 1 << 16
"""For the words and as many again for the parts of words."""

LONGEST_WORD = 24
_TOKEN = re.compile(r"\w{1,64}|[^\w\s]{1,4}")


def tokens(text: str) -> list[str]:
    """Words and runs of signs, of a text in small letters."""
    return _TOKEN.findall(text)


def word_buckets(words: list[str]) -> Iterator[int]:
    """The buckets of each word, each pair of neighbours and each three in a row."""
    before = before_that = ""
    for word in words:
        yield _bucket(word)
        if before:
            pair = f"{before} {word}"
            yield _bucket(pair)
            if before_that:
                yield _bucket(f"{before_that} {pair}")
        before_that, before = before, word


def part_buckets(word: str) -> Iterator[int]:
    """The buckets of each three to five neighbouring characters of a word and its borders."""
    framed = f" {word[:LONGEST_WORD]} "
    for size in (3, 4, 5):
        for start in range(max(1, len(framed) - size + 1)):
            yield BUCKETS + _bucket(framed[start : start + size])


def _bucket(text: str) -> int:
    return crc32(text.encode("utf-8", "replace")) % BUCKETS
