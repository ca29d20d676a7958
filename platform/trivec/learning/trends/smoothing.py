"""Forecasts by weights that fade: levels of all series at once, at one origin. No method here fits anything.

Each takes what was known up to an origin and gives the same value for all steps, save where there is a season.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trivec.learning.trends.links import link, unlink
from trivec.learning.trends.panel import Panel, Values1d, Values2d

Method = Callable[[Panel, int], Values2d]  # what was known, horizon -> (series, horizon)

_SEASONAL_RATE: Final = 0.2


def naive(panel: Panel, horizon: int) -> Values2d:
    """The last known value again."""
    return _flat(panel.values[:, panel.observed][:, -1], horizon)


def mean(panel: Panel, horizon: int) -> Values2d:
    """The mean of all known values."""
    return _flat(panel.values[:, panel.observed].mean(axis=1), horizon)


def median(panel: Panel, horizon: int) -> Values2d:
    """The median of all known values."""
    return _flat(np.median(panel.values[:, panel.observed], axis=1), horizon)


def discounted(panel: Panel, horizon: int, *, rate: float) -> Values2d:
    """The topic's share of all texts so far, where older texts count less: a period's weight is (1 - rate)^age."""
    weights = _weights(panel, rate)
    counts = np.where(panel.observed, panel.counts, 0.0) @ weights
    exposure = float(np.where(panel.observed, panel.exposure, 0.0) @ weights)
    return _flat(counts / exposure, horizon)


def smoothed(panel: Panel, horizon: int, *, rate: float) -> Values2d:
    """Simple exponential smoothing of logits (logarithms of counts) with a given rate; gaps age like other periods."""
    weights = _weights(panel, rate)
    level = np.where(panel.observed, link(panel), 0.0) @ weights / weights.sum()
    return unlink(_flat(level, horizon), panel)


def seasonal_naive(panel: Panel, horizon: int) -> Values2d:
    """The value of the same place in the season before, or the mean where that one is missing."""
    length = len(panel.periods)
    steps = np.arange(horizon)
    places = length + steps - panel.season * (1 + steps // panel.season)
    last = panel.values[:, places]
    return np.where(np.isnan(last), mean(panel, horizon), last)


def seasonal(panel: Panel, horizon: int) -> Values2d:
    """Smoothing beside the mean of each place in the season, shrunk by how little the places differ beyond chance."""
    scaled = link(panel)
    places = np.arange(len(panel.periods)) % panel.season
    index = _index(scaled - np.nanmean(scaled, axis=1, keepdims=True), places, panel)
    weights = _weights(panel, _SEASONAL_RATE)
    level = np.where(panel.observed, scaled - index[:, places], 0.0) @ weights / weights.sum()
    ahead = (len(panel.periods) + np.arange(horizon)) % panel.season
    return unlink(level[:, None] + index[:, ahead], panel)


def has_season(panel: Panel) -> bool:
    """Whether there are two whole seasons to compare."""
    return panel.season > 1 and len(panel.periods) >= 2 * panel.season


def _index(scaled: Values2d, places: NDArray[np.int64], panel: Panel) -> Values2d:
    """Deviation of each place in the season, shrunk towards none, shape (series, season) (James & Stein, 1961)."""
    member = np.stack([(places == place) & panel.observed for place in range(panel.season)])
    counts = np.maximum(member.sum(axis=1), 1)
    known = np.where(panel.observed, scaled, 0.0)
    means = known @ member.T / counts
    noise = np.where(panel.observed, (scaled - means[:, places]) ** 2, 0.0).sum(axis=1)
    noise = noise / max(1, panel.known - panel.season)
    spread = np.maximum(means.var(axis=1) - noise * (1 / counts).mean(), 0.0)
    kept = spread / np.maximum(spread + noise * (1 / counts).mean(), 1e-12)
    return np.asarray(means * kept[:, None], np.float64)


def _weights(panel: Panel, rate: float) -> Values1d:
    """Of each period, 0 where it is missing."""
    age = len(panel.periods) - 1 - np.arange(len(panel.periods))
    return np.where(panel.observed, (1.0 - rate) ** age, 0.0)


def _flat(level: Values1d, horizon: int) -> Values2d:
    return np.repeat(level[:, None], horizon, axis=1)


NAIVE, MEAN, SEASONAL_NAIVE = "naive", "mean", "seasonal_naive"

ALWAYS: Final[Mapping[str, Method]] = {
    NAIVE: naive,
    MEAN: mean,
    "median": median,
    **{f"discounted_{rate}": partial(discounted, rate=rate) for rate in (0.1, 0.2, 0.3, 0.5)},
    **{f"smoothing_{rate}": partial(smoothed, rate=rate) for rate in (0.1, 0.3, 0.5)},
}
WITH_SEASON: Final[Mapping[str, Method]] = {SEASONAL_NAIVE: seasonal_naive, "seasonal": seasonal}
