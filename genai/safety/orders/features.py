"""Hashed features of texts: n-grams, skip-grams and pairs of kinds of words (`kinds`).

Computed for many texts at once, as indexes of hash buckets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genai.safety.orders.kinds import kinds
from genai.safety.orders.units import JOINT

BUCKETS = 1 << 18
_END = "<end>"
_PAIRS = tuple((near,) for near in range(1, 7))
_THREES = tuple((near, near + far) for near in (1, 2, 3) for far in (1, 2, 3))
_STEP = 1_000_003
_MULTIPLIER = 0x9E3779B1
_FREQUENT = frozenset(
    {"a", "~", "~ed", "~ing", "<mark>", "<number>", "<quote>", "<open>", "<close>", "and", "be"}
)
"""Kinds that skip-grams and pairs leave out."""

Numbers = NDArray[np.int64]


@cache
def _number(kind: str) -> int:
    return crc32(kind.encode())


@dataclass(frozen=True, slots=True)
class Buckets:
    """The distinct buckets of each text, concatenated; ``starts`` has the start of each text, and the end."""

    all: NDArray[np.int32]
    starts: Numbers

    @property
    def counts(self) -> Numbers:
        return np.diff(self.starts)


def buckets_of(texts: Sequence[str]) -> Buckets:
    """The buckets of each text, at least one."""
    rows = _rows(texts)
    every, sentence, owner = _flat(rows)
    found: list[tuple[Numbers, Numbers]] = [(every, owner)]
    found += _ngrams(every, sentence, owner)
    heavy = np.array([kind not in _FREQUENT for row in rows for kind in row])
    found += _skip_grams(every[heavy], sentence[heavy], owner[heavy])
    found.append(_pairs(every[heavy], owner[heavy]))
    hashed = np.concatenate([_hashed(values, salt) for salt, (values, _) in enumerate(found)])
    owners = np.concatenate([whose for _, whose in found])
    both = np.unique(owners * BUCKETS + hashed)
    starts = np.searchsorted(both, np.arange(len(texts) + 1) * BUCKETS)
    return Buckets((both % BUCKETS).astype(np.int32), starts)


def _rows(texts: Sequence[str]) -> list[list[str]]:
    """The kinds of each text. Each distinct sentence is read once."""
    read: dict[str, list[str]] = {}
    rows = []
    for text in texts:
        row = [_END]
        for part in text.split(JOINT):
            if part not in read:
                read[part] = kinds(part)
            row += read[part] if row[-1] == _END else [_END, *read[part]]
        rows.append([*row, _END])
    return rows


def _flat(rows: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers, Numbers]:
    every = np.array([_number(kind) for row in rows for kind in row], dtype=np.int64)
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    ends = every == _number(_END)
    return every, np.cumsum(ends) * 2 - ends, owner


def _ngrams(every: Numbers, sentence: Numbers, owner: Numbers) -> list[tuple[Numbers, Numbers]]:
    """N-grams of two to four kinds within a sentence, including the end of the sentence before."""
    found = []
    begun = every.copy()
    for size in (2, 3, 4):
        begun = begun[:-1] * _STEP + every[size - 1 :]
        inside = (owner[: len(begun)] == owner[size - 1 :]) & (
            sentence[size - 1 :] - sentence[: len(begun)] <= 1
        )
        found.append((begun[inside], owner[: len(begun)][inside]))
    return found


def _skip_grams(every: Numbers, sentence: Numbers, owner: Numbers) -> list[tuple[Numbers, Numbers]]:
    """Two or three kinds of one sentence in order, at fixed distances."""
    found: list[tuple[Numbers, Numbers]] = []
    for steps in (_PAIRS, _THREES):
        parts = [_combined(every, sentence, owner, apart) for apart in steps]
        values, owners = (np.concatenate(part) for part in zip(*parts, strict=True))
        found.append((values, owners))
    return found


def _combined(
    every: Numbers, sentence: Numbers, owner: Numbers, steps: Sequence[int]
) -> tuple[Numbers, Numbers]:
    size = max(0, len(every) - steps[-1])
    value, inside = every[:size].copy(), np.ones(size, dtype=np.bool_)
    for step in steps:
        value = value * _STEP + every[step : step + size]
        inside &= sentence[step : step + size] - sentence[:size] <= 1
        inside &= owner[step : step + size] == owner[:size]
    return value[inside], owner[:size][inside]


def _pairs(every: Numbers, owner: Numbers) -> tuple[Numbers, Numbers]:
    """All unordered pairs of kinds of one text."""
    both = np.unique(owner << 32 | every)
    own, kind = both >> 32, both & 0xFFFFFFFF
    values, owners = [every[:0]], [owner[:0]]
    for apart in range(1, len(both)):
        inside = own[apart:] == own[:-apart]
        if not inside.any():
            break
        values.append((kind[:-apart] * _STEP + kind[apart:])[inside])
        owners.append(own[apart:][inside])
    return np.concatenate(values), np.concatenate(owners)


def _hashed(values: Numbers, salt: int) -> Numbers:
    hashed = (values.astype(np.uint64) + np.uint64(salt * 7919)) * np.uint64(_MULTIPLIER)
    hashed ^= hashed >> np.uint64(29)
    return ((hashed * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(40)).astype(np.int64) % BUCKETS
