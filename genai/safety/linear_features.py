"""Features of the linear classifier: hashed words, word pairs and triples, and character n-grams.

The n-grams of a word are independent of its context, so the sum of their weights is cached per word.
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


def word_buckets(words: list[str]) -> list[int]:
    """The buckets of each word, each pair of neighbours and each three in a row.

    The checksum of a pair goes on from that of its first word, so that no pair is spelt out.
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
    """The buckets of each three to five neighbouring characters of a word and its borders."""
    framed = f" {word[:LONGEST_WORD]} "
    for size in (3, 4, 5):
        for start in range(max(1, len(framed) - size + 1)):
            yield BUCKETS + _bucket(framed[start : start + size])


def _bucket(text: str) -> int:
    return crc32(_encoded(text)) % BUCKETS


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
