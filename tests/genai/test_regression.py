import numpy as np
import pytest

from genai.regression import fit

ROWS = np.array([[0.0], [1.0], [2.0], [3.0]])
ANSWERS = np.array([0.0, 0.0, 1.0, 1.0])
ALIKE = np.ones(4)


def test_the_line_parts_the_answers() -> None:
    slopes, intercept = fit(ROWS, ANSWERS, ALIKE, ridge=0.1)

    assert -intercept / slopes[0] == pytest.approx(1.5)


def test_what_counts_more_moves_the_line() -> None:
    slopes, intercept = fit(ROWS, ANSWERS, np.array([1.0, 9.0, 1.0, 1.0]), ridge=0.1)

    assert -intercept / slopes[0] > 1.5


def test_a_larger_ridge_makes_smaller_slopes() -> None:
    small, _ = fit(ROWS, ANSWERS, ALIKE, ridge=10.0)
    large, _ = fit(ROWS, ANSWERS, ALIKE, ridge=0.1)

    assert 0 < small[0] < large[0]
