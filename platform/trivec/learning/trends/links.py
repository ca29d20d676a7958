"""Where series are smoothed: logits of shares, logarithms of counts. Bursts weigh less, nothing falls below 0."""

import numpy as np

from trivec.learning.trends.panel import Panel, Values1d, Values2d

_HALF = 0.5  # texts that are added, so that none at all has a logarithm


def link(panel: Panel) -> Values2d:
    """The series on their scale, shape (series, periods); not a number where a period is missing."""
    counts = np.where(panel.observed, panel.counts, np.nan)
    if panel.measure == "count":
        return np.asarray(np.log(counts + _HALF), np.float64)
    rest = np.maximum(panel.exposure - counts, 0.0)
    return np.asarray(np.log(counts + _HALF) - np.log(rest + _HALF), np.float64)


def unlink(scaled: Values2d, panel: Panel) -> Values2d:
    """Back to shares or counts."""
    if panel.measure == "count":
        return np.maximum(np.exp(scaled) - _HALF, 0.0)
    return np.asarray(1.0 / (1.0 + np.exp(-scaled)), np.float64)


def filled(series: Values1d) -> Values1d:
    """Missing periods on the straight line between their neighbours, for methods that cannot do without."""
    places = np.arange(len(series))
    known = ~np.isnan(series)
    return np.interp(places, places[known], series[known])
