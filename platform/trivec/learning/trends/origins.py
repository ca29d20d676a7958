"""The table of a backtest: what every method said at every origin, and how far off it was.

Whoever decides something at an origin sees the errors of periods before it, and no others: `Table.seen` is the only
way to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trivec.learning.trends import smoothing, statistical
from trivec.learning.trends.panel import Panel, Values2d

Values3d = NDArray[np.float64]  # (origins, series, horizon)
Values4d = NDArray[np.float64]  # (methods, origins, series, horizon)

ORIGINS: Final = 12  # that a decision looks back on
TESTED: Final = 8  # last origins that a backtest tests
FIRST: Final = 2  # known periods at the first origin there can be
_STAND_IN: Final = "discounted_0.2"  # speaks for a method until there is enough for it


@dataclass(frozen=True)
class Table:
    """Forecasts of every method.

    Attributes:
        methods: their names.
        origins: numbers of periods known, rising by one.
        forecasts: shape (methods, origins, series, horizon).
        actual: what happened, not a number where that is missing or to come, shape (origins, series, horizon).
    """

    methods: tuple[str, ...]
    origins: tuple[int, ...]
    forecasts: Values4d
    actual: Values3d

    @property
    def horizon(self) -> int:
        """Periods ahead."""
        return int(self.actual.shape[2])

    def row(self, origin: int) -> int:
        """Where an origin stands."""
        return origin - self.origins[0]

    def rows(self, origin: int) -> slice:
        """The origins before one that a decision at it looks back on."""
        return slice(max(0, self.row(origin) - ORIGINS), max(0, self.row(origin)))

    def seen(self, origin: int) -> Values3d:
        """What had happened of these origins' periods when this one came, shape (origins, series, horizon).

        Periods that were still to come then are not numbers.
        """
        rows = self.rows(origin)
        targets = np.array(self.origins[rows])[:, None] + np.arange(self.horizon)
        return np.where((targets < origin)[:, None, :], self.actual[rows], np.nan)


def origins(length: int, horizon: int, *, most: int = TESTED) -> tuple[int, ...]:
    """The last origins whose whole horizon is known and that leave half of the series to learn from, rising.

    >>> origins(12, 3), len(origins(62, 5))
    ((6, 7, 8, 9), 8)
    """
    return tuple(range(max(-(-length // 2), length - horizon - most + 1), length - horizon + 1))


def table(panel: Panel, horizon: int, *, first: int, last: int, fitted: bool = True) -> Table:
    """What every method says at every origin that a decision at `first` to `last` can look back on.

    Args:
        panel: the series; may go on behind `last`.
        horizon: periods ahead.
        first: the first origin at which something is decided.
        last: the last one.
        fitted: also fit the models of statsmodels, where the series are long enough.

    Raises:
        MissingExtra: statsmodels is not installed.
    """
    begin = max(_earliest(panel), first - ORIGINS - horizon)
    places = tuple(range(begin, last + 1))
    known = {origin: panel.until(origin) for origin in places}
    said = {
        name: np.stack([method(known[origin], horizon) for origin in places])
        for name, method in smoothing.ALWAYS.items()
    }
    for name, method in smoothing.WITH_SEASON.items():
        held = [method(known[o], horizon) if smoothing.has_season(known[o]) else None for o in places]
        if held[-1] is not None:
            said[name] = _stood_in(held, said[_STAND_IN])
    if fitted:
        for name, by_origin in statistical.forecasts(panel, places, horizon).items():
            said[name] = _stood_in([by_origin.get(origin) for origin in places], said[_STAND_IN])
    return Table(tuple(said), places, np.stack(list(said.values())), _actual(panel, places, horizon))


def _stood_in(held: Sequence[Values2d | None], stand_in: Values3d) -> Values3d:
    """The stand-in's forecasts wherever a method has none."""
    rows = [
        np.where(np.isfinite(own), own, other) if own is not None else other
        for own, other in zip(held, stand_in, strict=True)
    ]
    return np.stack(rows)


def _earliest(panel: Panel) -> int:
    """The first origin with `FIRST` known periods."""
    return int(np.searchsorted(np.cumsum(panel.observed), FIRST)) + 1


def _actual(panel: Panel, places: Sequence[int], horizon: int) -> Values3d:
    values = np.pad(panel.values, ((0, 0), (0, horizon)), constant_values=np.nan)
    return np.stack([values[:, origin : origin + horizon] for origin in places])
