"""Logistic regression with L2 regularisation, by Newton's method."""

import numpy as np

_STEPS = 60
_TINY = 1e-6


def fit(
    rows: np.ndarray, answers: np.ndarray, counts: np.ndarray, *, ridge: float
) -> tuple[np.ndarray, float]:
    """Returns a slope for each column, and the intercept. ``counts`` are the weights of the rows."""
    inputs = np.column_stack([rows, np.ones(len(rows))])
    small = np.eye(inputs.shape[1]) * ridge
    small[-1, -1] = 0.0
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        guess = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (counts * (guess - answers)) + small @ weights
        curve = (inputs * (counts * guess * (1 - guess))[:, None]).T @ inputs + small
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < _TINY:
            break
    return weights[:-1], float(weights[-1])
