"""Intervals: what forecasts of the past missed by, over all series, says what these will (conformal prediction).

A residual is measured in the square root of the level, as counts vary, times how far off this series usually is,
times how much harder the step ahead is. What is left is alike in all series, so its quantiles are taken from all of
them. Few periods in the past: the quantiles themselves are uncertain, and Student's t widens them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtrit

from trivec.learning.trends.experience import Experience
from trivec.learning.trends.origins import Table, Values3d
from trivec.learning.trends.panel import Panel, Values1d, Values2d

LEVELS: Final = (0.80, 0.95)
_OWN: Final = 15.0  # residuals of a series after which its own scale counts as much as that of all
_STEP: Final = 5.0  # origins after which a step's own difficulty counts as much as the usual growth
_GROWTH: Final = 0.15  # usual growth: the step to this power
_LEAN: Final = 0.5  # how far the two sides follow their own quantiles, rather than the one of both
_QUANTILES: Final = 201  # that an experience keeps


@dataclass(frozen=True)
class Spread:
    """How far off forecasts are at one origin.

    Attributes:
        own: of each series against all, 1 for as usual, shape (series,).
        growth: residual at each step, shape (horizon,).
        residuals: signed, by all of these, shape (residuals,).
        periods: different periods that they are of.
    """

    own: Values1d
    growth: Values1d
    residuals: Values1d
    periods: int

    def bounds(self, forecast: Values2d, typical: float, level: float) -> tuple[Values2d, Values2d]:
        """Lower and upper ends around a forecast, shape (series, horizon) each; a lower end is not below 0."""
        unit = self.own[:, None] * self.growth * _level(forecast, typical)
        widened = float(stdtrit(self.periods, 0.5 + level / 2) / ndtri(0.5 + level / 2))
        both = np.quantile(np.abs(self.residuals), level)
        low, high = np.quantile(self.residuals, [(1 - level) / 2, (1 + level) / 2])
        down = max(0.0, widened * (_LEAN * -low + (1 - _LEAN) * both))
        up = max(0.0, widened * (_LEAN * high + (1 - _LEAN) * both))
        return np.maximum(forecast - down * unit, 0.0), forecast + up * unit


def spread(
    panel: Panel, table: Table, forecasts: Values3d, origin: int, experience: Experience | None = None
) -> Spread:
    """What the origins before one say about it.

    Args:
        panel: the series.
        table: that the forecasts were made from.
        forecasts: as decided at every origin, shape (origins, series, horizon).
        origin: periods known; one at least has to have been forecast before.
        experience: of other series, believed where this panel has little of its own.
    """
    said = forecasts[table.rows(origin)]
    typical = np.array([panel.until(each).typical for each in table.origins[table.rows(origin)]])
    off = (table.seen(origin) - said) / _level(said, typical[:, None, None])
    growth = _growth(np.abs(off), experience)
    scaled = off / growth
    known = ~np.isnan(scaled)
    counts, sums = known.sum(axis=(0, 2)), np.where(known, np.abs(scaled), 0.0).sum(axis=(0, 2))
    own = (sums + _OWN) / (counts + _OWN)
    residuals = (scaled / own[:, None])[known]
    periods = int(known.any(axis=(1, 2)).sum())
    if experience is not None and len(residuals) < experience.forecasts:
        return Spread(own, growth, np.concatenate([residuals, experience.residuals]), max(periods, experience.periods))
    return Spread(own, growth, residuals, max(1, periods))


def learned(found: Spread) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    """Scale, growth and quantiles of residuals, as an experience keeps them."""
    scale = float(found.growth[0])
    quantiles = np.quantile(found.residuals, np.linspace(0, 1, _QUANTILES))
    relative = found.growth / scale if scale > 0 else np.ones_like(found.growth)
    return scale, tuple(map(float, relative)), tuple(map(float, quantiles))


def _growth(off: Values3d, experience: Experience | None) -> Values1d:
    """Mean absolute residual by step, which never falls; drawn towards the usual growth, or an experience's."""
    horizon = off.shape[2]
    known = ~np.isnan(off)
    seen = known.any(axis=1).sum(axis=0)
    counts = known.sum(axis=(0, 1))
    means = np.where(known, off, 0.0).sum(axis=(0, 1)) / np.maximum(counts, 1)
    usual = np.arange(1, horizon + 1) ** _GROWTH
    base = (means * seen).sum() / max(float((usual * seen).sum()), 1.0)
    if experience is not None:
        held = np.array(experience.growth)[np.minimum(np.arange(horizon), len(experience.growth) - 1)]
        usual, base = held, experience.scale
    grown = (seen * means + _STEP * base * usual) / (seen + _STEP)
    return np.asarray(np.maximum(np.maximum.accumulate(grown), 1e-9), np.float64)


def _level(forecast: "Values2d | Values3d", typical: "float | Values3d") -> "Values3d":
    """Square root of the level, with one text more than forecast."""
    return np.asarray(np.sqrt(forecast + 1.0 / typical), np.float64)
