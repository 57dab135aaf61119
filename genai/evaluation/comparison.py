"""Compares challenger and champion per example, with confidence intervals."""

import numpy as np

from genai.evaluation.evaluation import Evaluation, pairs
from genai.messages import Value

RESAMPLES = 2000
CONFIDENCE = 0.95


class Difference(Value):
    """Challenger minus champion, with its confidence interval, over ``examples`` in common."""

    champion: float
    challenger: float
    low: float
    mean: float
    high: float
    examples: int


def compare(
    challenger: Evaluation, champion: Evaluation, *, seed: int = 0
) -> dict[str, Difference]:
    """The difference of each measure, by a paired bootstrap over the common examples."""
    random = np.random.default_rng(seed)
    found: dict[str, Difference] = {}
    for name, (new, old) in pairs(challenger.rows, champion.rows).items():
        differences = np.asarray(new) - np.asarray(old)
        low, high = interval(differences, random)
        found[name] = Difference(
            champion=float(np.mean(old)),
            challenger=float(np.mean(new)),
            low=low,
            mean=float(differences.mean()),
            high=high,
            examples=len(differences),
        )
    return found


def interval(values: np.ndarray, random: np.random.Generator) -> tuple[float, float]:
    """The confidence interval of the mean."""
    drawn = random.integers(0, len(values), (RESAMPLES, len(values)))
    tail = (1 - CONFIDENCE) / 2 * 100
    low, high = np.percentile(values[drawn].mean(axis=1), [tail, 100 - tail])
    return float(low), float(high)
