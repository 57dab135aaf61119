"""Two-sample permutation tests on the energy distance.

The energy distance (Szekely and Rizzo) measures how much farther items are from the other sample than from
their own. Its p-value comes from permuting the assignment to samples: it is exact for every distribution
and sample size, if the items are independent.
"""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

AT_ONCE = 200
ENOUGH = 20


def p_value(distances: Matrix, first: int, *, shuffles: int, random: np.random.Generator) -> float:
    """``distances`` between all items, of which the first ``first`` are one sample.

    Stops once `ENOUGH` permutations were at least as extreme (Besag and Clifford 1991): the exact value
    of a large p-value does not matter.
    """
    member = np.zeros(len(distances), dtype=np.float32)
    member[:first] = 1
    to_all = distances.sum(axis=1)
    seen = _energy(distances, to_all, member[None, :])[0]
    larger, done = 0, 0
    while done < shuffles:
        members = random.permuted(np.tile(member, (min(AT_ONCE, shuffles - done), 1)), axis=1)
        at_least = _energy(distances, to_all, members) >= seen - 1e-6
        if larger + at_least.sum() >= ENOUGH:
            last = int(np.flatnonzero(at_least)[ENOUGH - larger - 1])
            return ENOUGH / (done + last + 1)
        larger += int(at_least.sum())
        done += len(members)
    return (1 + larger) / (1 + done)


def _energy(distances: Matrix, to_all: Matrix, members: Matrix) -> Matrix:
    """The statistic for each row of ``members``, which has a 1 for each item of the first sample."""
    one = members.sum(axis=1)
    two = members.shape[1] - one
    within = np.einsum("ij,ij->i", members @ distances, members)
    reach = members @ to_all
    across = reach - within
    others = to_all.sum() - reach - across
    found: Matrix = 2 * across / (one * two) - within / one**2 - others / two**2
    return found


def between_points(points: npt.NDArray[np.float64]) -> Matrix:
    """Euclidean distances between rows."""
    squares = (points**2).sum(axis=1)
    squared = squares[:, None] + squares[None, :] - 2 * points @ points.T
    found: Matrix = np.sqrt(np.maximum(squared, 0)).astype(np.float32)
    return found


def between_names(names: list[str]) -> Matrix:
    """1 for different names, 0 for equal ones."""
    held = np.asarray(names)
    found: Matrix = (held[:, None] != held[None, :]).astype(np.float32)
    return found


def discoveries(p_values: dict[str, float], rate: float) -> dict[str, bool]:
    """The Benjamini-Hochberg procedure, which bounds the false discovery rate by ``rate``."""
    ranked = sorted(p_values, key=lambda name: p_values[name])
    count = len(ranked)
    last = max((i for i, n in enumerate(ranked, 1) if p_values[n] <= rate * i / count), default=0)
    return {name: rank <= last for rank, name in enumerate(ranked, 1)}
