"""Which method to believe: past errors of each on each series, and of each on all of them, in; weights out.

The best method of a short series is mostly luck, so a series' own errors are drawn towards those of all series, and
what is nearly as good as the best is used beside it (Bates & Granger, 1969).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from trivec.learning.trends.experience import NO_EXPERIENCE, Experience, Experiences
from trivec.learning.trends.origins import Table, Values3d
from trivec.learning.trends.panel import Panel, Values1d, Values2d
from trivec.metrics.forecasting import naive_scale

_OWN: Final = 60.0  # forecasts of a series after which its own errors count as much as those of all series
_SHARPNESS: Final = 20.0  # a method that errs by 5 % more than the best one has 1 / e of its weight


@dataclass(frozen=True)
class Decisions:
    """What was said at each origin of a table, by weights from before it.

    Attributes:
        weights: of each method, adding up to 1, shape (methods, origins, series).
        forecasts: shape (origins, series, horizon).
    """

    weights: Values3d
    forecasts: Values3d


def decide(panel: Panel, table: Table, experience: Experiences = NO_EXPERIENCE) -> Decisions:
    """Weighs the methods anew at every origin of the table.

    Args:
        panel: the series.
        table: what the methods said.
        experience: of other series of the same kind as of each origin, believed where this panel has little of its own.
    """
    weights = np.stack(
        [_weights(panel, table, origin, experience.after(panel.periods[origin - 1])) for origin in table.origins],
        axis=1,
    )
    return Decisions(weights, np.einsum("mos,mosh->osh", weights, table.forecasts))


def pooled_errors(panel: Panel, table: Table, origin: int) -> tuple[dict[str, float], int]:
    """Mean scaled error of each method over all series as seen at an origin, and how many forecasts that is."""
    errors, counts = _errors(panel, table, origin)
    if not counts.sum():
        return {}, 0
    return dict(zip(table.methods, _pool(errors, counts).tolist(), strict=True)), int(counts.sum())


def _weights(panel: Panel, table: Table, origin: int, experience: Experience | None) -> Values2d:
    """Shape (methods, series)."""
    errors, counts = _errors(panel, table, origin)
    pool = _pool(errors, counts)
    if experience is not None:
        pool = experience.blended(table.methods, pool, int(counts.sum()))
    drawn = (counts * errors + _OWN * pool[:, None]) / (counts + _OWN)
    best = drawn.min(axis=0)
    logs = -_SHARPNESS * drawn / np.where(best > 0, best, 1.0)
    weights = np.exp(logs - logs.max(axis=0))
    return np.asarray(weights / weights.sum(axis=0), np.float64)


def _errors(panel: Panel, table: Table, origin: int) -> tuple[Values2d, Values2d]:
    """Mean scaled error of each method on each series, and of how many forecasts; (methods, series) and (1, series).

    A series that never changed tells nothing.
    """
    off = np.abs(table.forecasts[:, table.rows(origin)] - table.seen(origin))
    off = off / naive_scale(panel.values[:, :origin])[:, None]
    known = ~np.isnan(off)
    counts = known.sum(axis=(1, 3))[:1]
    sums = np.where(known, off, 0.0).sum(axis=(1, 3))
    return sums / np.maximum(counts, 1), counts.astype(np.float64)


def _pool(errors: Values2d, counts: Values2d) -> Values1d:
    """Mean over the series that tell something; all alike where none does."""
    told = counts[0] > 0
    return errors[:, told].mean(axis=1) if told.any() else np.ones(len(errors))
