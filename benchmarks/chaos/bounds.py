"""The upper bound of a failure rate."""

from math import sqrt

Z = 1.959964
"""The quantile of a two-sided 95 % interval."""


def upper_bound(failed: int, of: int) -> float:
    """The upper bound at 95 %: Wilson's interval, or three divided by the number of trials if none failed."""
    if of == 0:
        return 1.0
    if failed == 0:
        return min(1.0, 3 / of)
    rate = failed / of
    centre = rate + Z * Z / (2 * of)
    spread = Z * sqrt(rate * (1 - rate) / of + Z * Z / (4 * of * of))
    return min(1.0, (centre + spread) / (1 + Z * Z / of))
