"""Features of the linear classifier: hashed words, word pairs and triples, and character n-grams.

The n-grams of a word are independent of its context, so the sum of their weights is cached per word.
"""

import re
from collections.abc import Iterator
from zlib import crc32

BUCKETS = 1 << 16
"""The number of buckets for words, and again for parts of words."""

LONGEST_WORD = 24
_TOKEN = re.compile(r"\w{1,64}|[^\w\s]{1,4}")


def tokens(text: str) -> list[str]:
    """Words and runs of signs of a lower-case text."""
    return _TOKEN.findall(text)


def word_buckets(words: list[str]) -> list[int]:
    """The buckets of words, bigrams and trigrams.

    The checksum of a bigram extends that of its first word, so its text is never built.
    """
    found: list[int] = []
    word_before = pair_before = None
    for word in words:
        code = _encoded(word)
        alone, pair = crc32(code), None
        found.append(alone % BUCKETS)
        if word_before is not None:
            code = b" " + code
            pair = crc32(code, word_before)
            found.append(pair % BUCKETS)
            if pair_before is not None:
                found.append(crc32(code, pair_before) % BUCKETS)
        word_before, pair_before = alone, pair
    return found


def part_buckets(word: str) -> Iterator[int]:
    """The buckets of the 3- to 5-grams of characters of a word, with its borders."""
    framed = f" {word[:LONGEST_WORD]} "
    for size in (3, 4, 5):
        for start in range(max(1, len(framed) - size + 1)):
            yield BUCKETS + _bucket(framed[start : start + size])


def _bucket(text: str) -> int:
    return crc32(_encoded(text)) % BUCKETS


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
