"""The batches of training: a deterministic function of seed and step.

So a run resumed from a checkpoint sees the samples that it would have seen, and several workers together
see those that a single one would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SORTED_TOGETHER = 32
"""The number of batches whose samples are sorted by length together, to reduce padding."""


@dataclass(frozen=True)
class BatchPlan:
    lengths: tuple[int, ...]
    batch_size: int
    seed: int

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch. Samples that do not fill a batch are left out of it."""
        return max(1, len(self.lengths) // self.batch_size)

    def batch(self, step: int) -> Sequence[int]:
        """The indices of the samples of a step."""
        epoch, index = divmod(step, self.per_epoch)
        return _epoch(self, epoch)[index]

    def share(self, step: int, rank: int, world: int) -> Sequence[int]:
        """The indices of one worker. Shares differ by at most one sample."""
        return self.batch(step)[rank::world]


@lru_cache(maxsize=2)
def _epoch(plan: BatchPlan, epoch: int) -> tuple[tuple[int, ...], ...]:
    random = np.random.default_rng((plan.seed, epoch))
    order = random.permutation(len(plan.lengths))
    size = min(plan.batch_size, len(order))
    lengths = np.asarray(plan.lengths)
    batches: list[tuple[int, ...]] = []
    block_size = size * SORTED_TOGETHER
    for start in range(0, plan.per_epoch * size, block_size):
        block = order[start : min(start + block_size, plan.per_epoch * size)]
        block = block[np.argsort(lengths[block], kind="stable")]
        batches += [tuple(map(int, block[i : i + size])) for i in range(0, len(block), size)]
    return tuple(batches[i] for i in random.permutation(len(batches)))


def micro_batches(share: Sequence[int], size: int, count: int) -> list[Sequence[int]]:
    """The share in ``count`` parts of at most ``size``; the last ones may be empty."""
    return [share[i * size : (i + 1) * size] for i in range(count)]
