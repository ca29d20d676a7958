"""Forecasting: series in; for each a forecast, intervals, the methods behind it and how good they were, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trivec.errors import BadInput
from trivec.learning.trends import intervals, smoothing
from trivec.learning.trends.combination import Decisions, decide, pooled_errors
from trivec.learning.trends.experience import NO_EXPERIENCE, Experience, Experiences
from trivec.learning.trends.origins import TESTED, Table, Values3d, origins, table
from trivec.learning.trends.panel import Panel, Values1d, Values2d
from trivec.metrics.forecasting import inside, mase, scaled_error

OURS: Final = "trivec"
FEWEST: Final = 6  # known periods: with fewer there is nothing to go by

__all__ = ["FEWEST", "OURS", "Backtest", "Forecasts", "backtest", "baselines", "forecast", "learn"]


@dataclass(frozen=True)
class Forecasts:
    """Of every series of a panel, made at one origin.

    Attributes:
        middle: as likely to be too high as too low, shape (series, horizon).
        lower: lower end of the interval, by its level, shape (series, horizon) each.
        upper: upper end of it.
        methods: of these.
        weights: of each method, adding up to 1, shape (methods, series).
    """

    middle: Values2d
    lower: dict[float, Values2d]
    upper: dict[float, Values2d]
    methods: tuple[str, ...]
    weights: Values2d


@dataclass(frozen=True)
class Backtest:
    """How good forecasts were at origins of the past; nobody looked ahead.

    Attributes:
        origins: numbers of periods known.
        errors: variant -> scaled errors, shape (series, origins).
        covered: variant -> level -> 1 where what happened lay within, shape (series, origins, horizon).
        forecasts: ours at each origin.
    """

    origins: tuple[int, ...]
    errors: dict[str, Values2d]
    covered: dict[str, dict[float, Values3d]]
    forecasts: tuple[Forecasts, ...]

    def by_series(self, variant: str) -> Values1d:
        """Mean over origins, not a number where a series never changed before any of them, shape (series,)."""
        errors = self.errors[variant]
        counts = (~np.isnan(errors)).sum(axis=1)
        means = np.nansum(errors, axis=1) / np.maximum(counts, 1)
        return np.where(counts > 0, means, np.nan)

    def mase(self, variant: str, row: int | None = None) -> float:
        """Of all series, or of one."""
        errors = self.errors[variant]
        return mase(errors if row is None else errors[row : row + 1])

    def coverage(self, variant: str, level: float, row: int | None = None) -> float:
        """Share of all known points that lay within."""
        covered = self.covered[variant][level]
        points = covered if row is None else covered[row]
        return float(np.nanmean(points)) if (~np.isnan(points)).any() else float("nan")


def forecast(panel: Panel, horizon: int, *, experience: Experiences = NO_EXPERIENCE, fitted: bool = True) -> Forecasts:
    """What comes after the last period.

    Args:
        panel: at least `FEWEST` known periods.
        horizon: periods ahead, at most as many as are known.
        experience: of other series of the same kind, for panels of a few series.
        fitted: also try fitted models.

    Raises:
        BadInput: too few known periods, or too far ahead.
        MissingExtra: statsmodels is not installed.
    """
    check(panel, horizon)
    last = len(panel.periods)
    made = table(panel, horizon, first=last, last=last, fitted=fitted)
    decisions = decide(panel, made, experience)
    return _at(panel, made, decisions, last, experience.after(panel.periods[-1]))


def backtest(
    panel: Panel,
    horizon: int,
    *,
    at: Sequence[int] = (),
    baselines: Sequence[str] = ("naive", "mean"),
    experience: Experiences = NO_EXPERIENCE,
    fitted: bool = True,
) -> Backtest:
    """What would have been forecast at origins of the past, held against what happened.

    Args:
        panel: all known periods.
        horizon: periods ahead.
        at: origins, rising; by default as many as leave half of the series to learn from, at most 8.
        baselines: methods to stand beside ours, with intervals made in the same way.
        experience: of other series; at each origin ours is helped by what was known then, and by no more.
        fitted: also try fitted models.

    Raises:
        BadInput: too few known periods, or too far ahead.
        MissingExtra: statsmodels is not installed.
    """
    check(panel, horizon)
    places = tuple(at) or usable(panel, horizon)
    made = table(panel, horizon, first=places[0], last=places[-1], fitted=fitted)
    known = [name for name in baselines if name in made.methods]
    said = {OURS: decide(panel, made, experience)} | {name: _only(made, name) for name in known}
    helped = {OURS: experience}
    found = {
        name: [
            _at(panel, made, held, origin, helped.get(name, NO_EXPERIENCE).after(panel.periods[origin - 1]))
            for origin in places
        ]
        for name, held in said.items()
    }
    return Backtest(
        places,
        {name: _errors(panel, made, each, places) for name, each in found.items()},
        {
            name: {level: _covered(made, each, places, level) for level in intervals.LEVELS}
            for name, each in found.items()
        },
        tuple(found[OURS]),
    )


def baselines(panel: Panel, horizon: int) -> tuple[str, ...]:
    """What forecasts are held against: the last value, the mean and, with two seasons before every origin, the season.

    Raises:
        BadInput: too few known periods for a backtest.
    """
    seasonal = smoothing.has_season(panel.until(usable(panel, horizon)[0]))
    return (smoothing.NAIVE, smoothing.MEAN, *([smoothing.SEASONAL_NAIVE] if seasonal else []))


def learn(panel: Panel, horizon: int, *, fitted: bool = True) -> Experiences:
    """What all series of a panel teach about forecasting one like them, now and at every origin of a backtest.

    An origin teaches something if a panel that ended there could have been learned from: 12 known periods.

    Raises:
        BadInput: too few known periods, or too far ahead.
        MissingExtra: statsmodels is not installed.
    """
    check(panel, horizon)
    last = int(np.flatnonzero(panel.observed)[-1]) + 1
    enough = int(np.searchsorted(np.cumsum(panel.observed), 2 * FEWEST)) + 1
    first = min(last, max(enough, last - horizon - TESTED + 1))
    made = table(panel, horizon, first=first, last=last, fitted=fitted)
    forecasts = decide(panel, made).forecasts
    found = {panel.periods[o - 1]: _learned(panel, made, forecasts, o) for o in range(first, last + 1)}
    return Experiences({period: each for period, each in found.items() if each is not None})


def _learned(panel: Panel, made: Table, forecasts: Values3d, origin: int) -> Experience | None:
    """From an origin and what lies before it; None where no series ever changed."""
    errors, count = pooled_errors(panel, made, origin)
    if not count:
        return None
    spread = intervals.spread(panel, made, forecasts, origin)
    scale, growth, residuals = intervals.learned(spread)
    return Experience(errors, scale, growth, residuals, spread.periods, count)


def usable(panel: Panel, horizon: int) -> tuple[int, ...]:
    """The origins of a backtest whose past is long enough.

    Raises:
        BadInput: there is none.
    """
    known = np.cumsum(panel.observed)
    found = tuple(o for o in origins(len(panel.periods), horizon) if known[o - 1] >= min(FEWEST, len(known) // 2))
    if not found:
        raise BadInput(
            f"{len(panel.periods)} periods are too few to test forecasts of {horizon} periods on half of them: "
            "forecast fewer periods, or choose a finer frequency"
        )
    return found


def check(panel: Panel, horizon: int) -> None:
    """Raise BadInput where there is too little to forecast that far, or nothing at all."""
    if not panel.names:
        raise BadInput("there is no series to forecast: name a topic")
    if panel.known < FEWEST:
        raise BadInput(
            f"{panel.known} known periods are too few for a forecast, which needs {FEWEST}: choose a finer frequency "
            "or wait until more has been written"
        )
    if not 1 <= horizon <= panel.known:
        raise BadInput(
            f"{horizon} periods cannot be forecast from {panel.known} known ones: ask for 1 to {panel.known}"
        )


def _only(made: Table, method: str) -> Decisions:
    """One method, believed at every origin."""
    row = made.methods.index(method)
    weights = np.zeros(made.forecasts.shape[:3])
    weights[row] = 1.0
    return Decisions(weights, made.forecasts[row])


def _at(panel: Panel, made: Table, decisions: Decisions, origin: int, experience: Experience | None) -> Forecasts:
    spread = intervals.spread(panel, made, decisions.forecasts, origin, experience)
    middle = decisions.forecasts[made.row(origin)]
    typical = panel.until(origin).typical
    most = 1.0 if panel.measure == "share" else np.inf
    bounds = {level: spread.bounds(middle, typical, level) for level in intervals.LEVELS}
    return Forecasts(
        middle,
        {level: lower for level, (lower, _) in bounds.items()},
        {level: np.minimum(upper, most) for level, (_, upper) in bounds.items()},
        made.methods,
        decisions.weights[:, made.row(origin)],
    )


def _errors(panel: Panel, made: Table, found: Sequence[Forecasts], places: Sequence[int]) -> Values2d:
    return np.stack(
        [
            scaled_error(each.middle, made.actual[made.row(origin)], panel.values[:, :origin])
            for each, origin in zip(found, places, strict=True)
        ],
        axis=1,
    )


def _covered(made: Table, found: Sequence[Forecasts], places: Sequence[int], level: float) -> Values3d:
    return np.stack(
        [
            inside(each.lower[level], each.upper[level], made.actual[made.row(origin)])
            for each, origin in zip(found, places, strict=True)
        ],
        axis=1,
    )
