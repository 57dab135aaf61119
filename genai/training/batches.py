"""The batches of training: a deterministic function of seed and step.

So a run resumed from a checkpoint sees the samples that it would have seen, and several workers together
see those that a single one would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SORTED_TOGETHER = 32
"""Batches among which samples are sorted by length, so that little of a batch is padding."""


@dataclass(frozen=True)
class BatchPlan:
    lengths: tuple[int, ...]
    batch_size: int
    seed: int

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch. What does not fill a batch waits for another epoch's order."""
        return max(1, len(self.lengths) // self.batch_size)

    def batch(self, step: int) -> Sequence[int]:
        """The samples of a step, by their places in the data set."""
        epoch, index = divmod(step, self.per_epoch)
        return _epoch(self, epoch)[index]

    def share(self, step: int, rank: int, world: int) -> Sequence[int]:
        """Those of one worker. Every worker gets equally many, or one less than the first."""
        return self.batch(step)[rank::world]


@lru_cache(maxsize=2)
def _epoch(plan: BatchPlan, epoch: int) -> tuple[tuple[int, ...], ...]:
    random = np.random.default_rng((plan.seed, epoch))
    order = random.permutation(len(plan.lengths))
    size = min(plan.batch_size, len(order))
    lengths = np.asarray(plan.lengths)
    batches: list[tuple[int, ...]] = []
    stretch = size * SORTED_TOGETHER
    for start in range(0, plan.per_epoch * size, stretch):
        some = order[start : min(start + stretch, plan.per_epoch * size)]
        some = some[np.argsort(lengths[some], kind="stable")]
        batches += [tuple(map(int, some[i : i + size])) for i in range(0, len(some), size)]
    return tuple(batches[i] for i in random.permutation(len(batches)))


def micro_batches(share: Sequence[int], size: int, count: int) -> list[Sequence[int]]:
    """The share in ``count`` parts of at most ``size``; the last ones may be empty."""
    return [share[i * size : (i + 1) * size] for i in range(count)]
