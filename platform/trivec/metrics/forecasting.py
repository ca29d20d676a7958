"""How good forecasts are: what was forecast and what happened in, scaled errors and coverage out.

Series are rows; what is missing is not a number and counts for nothing.
"""

import numpy as np
from numpy.typing import NDArray

Values2d = NDArray[np.float64]  # (series, periods)
Values1d = NDArray[np.float64]  # (series,)


def naive_scale(history: Values2d) -> Values1d:
    """Mean absolute change from one known value to the next, shape (series,): what a scaled error is measured in.

    The scale of Hyndman & Koehler (2006), of the training part alone. A series that never changed has none (nan).

    >>> naive_scale(np.array([[1.0, 3.0, np.nan, 2.0]]))
    array([1.5])
    """
    known = history[:, ~np.isnan(history).all(axis=0)]
    if known.shape[1] < 2:
        return np.full(len(history), np.nan)
    changes = np.abs(np.diff(known, axis=1)).mean(axis=1)
    return np.where(changes > 0, changes, np.nan)


def scaled_error(forecast: Values2d, actual: Values2d, history: Values2d) -> Values1d:
    """Mean absolute error of one origin by `naive_scale` of what went before, shape (series,); lower is better.

    Args:
        forecast: shape (series, horizon).
        actual: what happened, same shape.
        history: what was known, shape (series, periods).
    """
    errors = np.abs(forecast - actual)
    known = ~np.isnan(errors)
    counted = known.sum(axis=1)
    sums = np.where(known, errors, 0.0).sum(axis=1)
    means: Values1d = np.divide(sums, counted, out=np.full(len(sums), np.nan), where=counted > 0)
    return means / naive_scale(history)


def mase(errors: Values2d) -> float:
    """Median over series of the mean over origins, of `scaled_error`s of shape (series, origins); nan where none is.

    >>> mase(np.array([[1.0, 3.0], [4.0, np.nan], [0.5, 0.5]]))
    2.0
    """
    known = ~np.isnan(errors)
    counted = known.sum(axis=1)
    means = np.where(known, errors, 0.0).sum(axis=1)[counted > 0] / counted[counted > 0]
    return float(np.median(means)) if means.size else float("nan")


def inside(lower: Values2d, upper: Values2d, actual: Values2d) -> Values2d:
    """1 where what happened lies in the interval, 0 where not, not a number where nothing is known.

    >>> inside(np.array([[0.0, 0.0]]), np.array([[1.0, 1.0]]), np.array([[0.5, 2.0]]))
    array([[1., 0.]])
    """
    slack = 1e-12  # a bound that was met exactly
    hit = (actual >= lower - slack) & (actual <= upper + slack)
    return np.where(np.isnan(actual), np.nan, hit.astype(np.float64))
