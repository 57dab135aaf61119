"""How sure a count of failures is."""

from math import sqrt

Z = 1.959964
"""Of a two-sided interval that holds the truth 95 times of 100."""


def upper_bound(failed: int, of: int) -> float:
    """The rate of failures that is not exceeded, at 95 %.

    Three in the number of trials when nothing failed, else the upper end of Wilson's interval.
    """
    if of == 0:
        return 1.0
    if failed == 0:
        return min(1.0, 3 / of)
    rate = failed / of
    centre = rate + Z * Z / (2 * of)
    spread = Z * sqrt(rate * (1 - rate) / of + Z * Z / (4 * of * of))
    return min(1.0, (centre + spread) / (1 + Z * Z / of))
